using System.Collections.Immutable;

namespace GpuStack.Placement.Fleets;

/// <summary>A pod that holds, or will hold, resources of a node. Finished pods are left out by the caller.</summary>
public sealed record PodFacts
{
    /// <summary>The pod's namespace.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The pod's name.</summary>
    public required string Name { get; init; }

    /// <summary>The node that it is bound to; empty while it is not bound, and then it counts nowhere.</summary>
    public string Node { get; init; } = "";

    /// <summary>Effective requests (init containers by Kubernetes' rule), in the units of <see cref="NodeFacts.Allocatable"/>. The pod slot is counted by itself.</summary>
    public IReadOnlyDictionary<string, long> Requests { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Ports of the node that it has to itself, as far as engines may ask for them.</summary>
    public ImmutableArray<HostPort> HostPorts { get; init; } = [];

    /// <summary>The ModelDeployment's uid when this is a pod of ours.</summary>
    public string? Deployment { get; init; }

    /// <summary>The group's index when this is a pod of ours.</summary>
    public int? Group { get; init; }
}
