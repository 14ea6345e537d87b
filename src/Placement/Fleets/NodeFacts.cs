using System.Collections.Immutable;

namespace GpuStack.Placement.Fleets;

/// <summary>What the API server says about one node, before anything is concluded from it.</summary>
public sealed record NodeFacts
{
    /// <summary>The node's name (<c>metadata.name</c>).</summary>
    public required string Name { get; init; }

    /// <summary>Labels; the values come from strangers and are never trusted to be well formed.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary><c>status.allocatable</c>: <c>cpu</c> in millicores, <c>memory</c> and <c>ephemeral-storage</c> in bytes, all others plain.</summary>
    public IReadOnlyDictionary<string, long> Allocatable { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Taints (<c>spec.taints</c>).</summary>
    public ImmutableArray<NodeTaint> Taints { get; init; } = [];

    /// <summary>The condition <c>Ready</c> is True.</summary>
    public bool Ready { get; init; } = true;

    /// <summary>The node is cordoned (<c>spec.unschedulable</c>).</summary>
    public bool Unschedulable { get; init; }

    /// <summary>GPUs that DRA ResourceSlices offer on this node; null when that is not known.</summary>
    public int? DraGpus { get; init; }
}
