using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Fleets;

/// <summary>Equal nodes, named <c>NAME-0</c>, <c>NAME-1</c> and so on.</summary>
public sealed record NodeGroup
{
    /// <summary>Name of the group: a DNS label of at most 50 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Number of nodes.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The GPUs of each node; null for none.</summary>
    public NodeGroupGpu? Gpu { get; init; }

    /// <summary>CPUs of each node.</summary>
    public Quantity Cpu { get; init; } = 16;

    /// <summary>Host memory of each node.</summary>
    public Quantity Memory { get; init; } = "64Gi";

    /// <summary>Pod slots of each node.</summary>
    public int Pods { get; init; } = 110;

    /// <summary>Further labels; they beat those that the fleet derives.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints.</summary>
    public IReadOnlyList<V1Taint> Taints { get; init; } = [];

    /// <summary>Value of the label <c>topology.kubernetes.io/rack</c>.</summary>
    public string? Rack { get; init; }

    /// <summary>Value of the label <c>topology.kubernetes.io/zone</c>.</summary>
    public string? Zone { get; init; }

    /// <summary>The nodes' network; null when nothing is said.</summary>
    public NodeGroupNetwork? Network { get; init; }
}
