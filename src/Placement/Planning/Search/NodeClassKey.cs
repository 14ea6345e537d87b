using System.Runtime.InteropServices;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>What makes two nodes equal to a request.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NodeClassKey
{
    public required string ResourceName { get; init; }

    public required string Product { get; init; }

    /// <summary>What one device is: a share may be as large as a whole GPU, and have its name.</summary>
    public required DeviceUnit Unit { get; init; }

    /// <summary>The driver's major version, for engines that need one in a group; empty for others and where it is unknown.</summary>
    public required string DriverMajor { get; init; }

    public required long MemoryPerGpu { get; init; }

    public required int Gpus { get; init; }

    public required string Domain { get; init; }

    /// <summary>What the node publishes, or the defaults: an annotation that says the default makes no difference.</summary>
    public required NodeNetwork Network { get; init; }

    /// <summary>This is the node's largest kind of device, the one that joins other nodes.</summary>
    public required bool ForGroups { get; init; }

    /// <summary>Free CPU and host memory suffice for a leader of one device.</summary>
    public required bool CanLeadOne { get; init; }

    /// <summary>Free CPU and host memory suffice for a leader of several devices.</summary>
    public required bool CanLeadMany { get; init; }

    /// <summary>Free CPU and host memory suffice for a worker.</summary>
    public required bool CanWork { get; init; }

    /// <summary>A claim that a worker has for itself can be mounted; true where there are none.</summary>
    public required bool HoldsClaim { get; init; }

    /// <summary>Free CPU suffices for a leader, and this is the host memory that it may take; only told apart when layers may stay on the host.</summary>
    public required long OffloadMemory { get; init; }

    /// <summary>The node named by <c>placement.leader.nodeName</c>.</summary>
    public required bool Forced { get; init; }
}
