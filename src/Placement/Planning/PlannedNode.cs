using System.Collections.Immutable;
using GpuStack.Modeling;

namespace GpuStack.Placement.Planning;

/// <summary>One pod of a group: its node and the devices it uses there.</summary>
public sealed record PlannedNode
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>Devices used.</summary>
    public required int Gpus { get; init; }

    /// <summary>Memory of the devices used, before any reserve.</summary>
    public required Bytes Vram { get; init; }

    /// <summary>Product of the devices.</summary>
    public required string Product { get; init; }

    /// <summary>Major version of the devices' driver, where a group may have several; null where it has one.</summary>
    public string? DriverMajor { get; init; }

    /// <summary>Resource that the pod asks for.</summary>
    public required string ResourceName { get; init; }

    /// <summary>Layers of each device, in the device order of the node.</summary>
    public required ImmutableArray<int> Layers { get; init; }

    /// <summary>Memory of one device that the plan may fill (memory minus reserve; for vLLM and SGLang memory times utilization).</summary>
    public required Bytes UsableBytesPerGpu { get; init; }

    /// <summary>Host memory that the pod asks for.</summary>
    public required Bytes HostMemory { get; init; }

    /// <summary>CPU that the pod asks for, in millicores.</summary>
    public required long CpuMillis { get; init; }

    /// <summary>Ports of the node that the pod listens on; null unless it stands on the node's network.</summary>
    public IReadOnlyList<int>? HostPorts { get; init; }

    /// <summary>
    /// Workers of one index have product, device count, usable bytes and layers in common, and stand together; 0 for the leader, and for
    /// all workers of vLLM and SGLang, whose pods differ in their rank alone.
    /// </summary>
    public int ShapeIndex { get; init; }
}
