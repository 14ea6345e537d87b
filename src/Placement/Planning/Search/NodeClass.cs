using System.Runtime.InteropServices;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Nodes that are all the same to a request: equal devices, equally many free, in one domain, able to play the same roles.
/// The search works on classes, so its cost grows with their number and not with the nodes'.
/// </summary>
internal sealed class NodeClass(NodeClassKey key, DevicePool devices, Bytes usable)
{
    public NodeClassKey Key { get; } = key;

    public DevicePool Devices { get; } = devices;

    /// <summary>Memory of one device that may be filled.</summary>
    public Bytes Usable { get; } = usable;

    /// <summary>Node names, sorted once the class is complete.</summary>
    public List<string> Names { get; } = [];

    /// <summary>Devices a group may use on one node.</summary>
    public int Gpus => Key.Gpus;

    /// <summary>Free VRAM of one node before planning: what makes a leader.</summary>
    public long Pool => Devices.MemoryPerGpu.Value * Key.Gpus;

    /// <summary>Layers that one node can hold at best.</summary>
    public int Capacity { get; set; }

    /// <summary>The class without its domain, for searches that may cross domains.</summary>
    public NodeClass WithoutDomain() => new(Key with { Domain = "" }, Devices, Usable) { Capacity = Capacity };
}

/// <summary>What makes two nodes equal to a request.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NodeClassKey
{
    public required string ResourceName { get; init; }
    public required string Product { get; init; }
    public required long MemoryPerGpu { get; init; }
    public required int Gpus { get; init; }
    public required string Domain { get; init; }

    /// <summary>This is the node's largest kind of device, the one that joins other nodes.</summary>
    public required bool ForGroups { get; init; }

    /// <summary>Free CPU and host memory suffice for a leader of one device, of several, for a worker.</summary>
    public required bool CanLeadOne { get; init; }
    public required bool CanLeadMany { get; init; }
    public required bool CanWork { get; init; }

    /// <summary>Free CPU suffices for a leader, and this is the host memory that it may take; only told apart when layers may stay on the host.</summary>
    public required long OffloadMemory { get; init; }

    /// <summary>The node named by <c>placement.leader.nodeName</c>.</summary>
    public required bool Forced { get; init; }
}
