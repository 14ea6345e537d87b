using GpuStack.Modeling;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Fleets;

/// <summary>The equal devices that a node offers under one resource name.</summary>
public sealed record DevicePool
{
    /// <summary><c>nvidia</c>, <c>amd</c>, <c>intel</c>, <c>ascend</c>, <c>hygon</c>, <c>cambricon</c>, <c>metax</c> or <c>mthreads</c>.</summary>
    public required string Vendor { get; init; }

    /// <summary>The product as the node's labels name it.</summary>
    public required string Product { get; init; }

    /// <summary>The extended resource a pod asks for, such as <c>nvidia.com/gpu</c>.</summary>
    public required string ResourceName { get; init; }

    /// <summary>What one unit is.</summary>
    public DeviceUnit Unit { get; init; }

    /// <summary>Memory of one unit; zero when nothing tells it.</summary>
    public Bytes MemoryPerGpu { get; init; }

    /// <summary>Units that the kubelet offers.</summary>
    public int Allocatable { get; init; }

    /// <summary>Units that no pod has asked for.</summary>
    public int Free { get; init; }

    /// <summary>CUDA compute capability, where there is one.</summary>
    public ComputeCapability? ComputeCapability { get; init; }

    /// <summary>Driver version as published; empty when unknown.</summary>
    public string DriverVersion { get; init; } = "";

    /// <summary>The number before the first dot of the driver version, such as <c>550</c>; empty when unknown.</summary>
    public string DriverMajor => DriverVersion.IndexOf('.', StringComparison.Ordinal) is var dot && dot < 0 ? DriverVersion : DriverVersion[..dot];

    /// <summary>
    /// What the product table says about one unit's speed; all zero when the product is unknown. A slice (MIG) has its share of the GPU and
    /// reaches no other. A share in time has the whole GPU's figures: while it runs, it has all of the GPU, and how often others run is unknown.
    /// </summary>
    public DeviceSpeed Speed { get; init; }

    /// <summary>Memory bandwidth in GB/s; zero when the product is unknown.</summary>
    public int BandwidthGBs => Speed.BandwidthGBs;

    /// <summary>Free units one group may use: shares and slices count once, a process cannot join two of them.</summary>
    public int FreeForGroup => Unit == DeviceUnit.Gpu ? Free : Math.Min(Free, 1);
}
