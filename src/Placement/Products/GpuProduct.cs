using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Products;

/// <summary>What is known about a GPU product.</summary>
public sealed record GpuProduct
{
    /// <summary>The vendor, as in <see cref="DevicePool.Vendor"/>.</summary>
    public required string Vendor { get; init; }

    /// <summary>The product's name.</summary>
    public required string Name { get; init; }

    /// <summary>Other names that labels use.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Memory of one GPU.</summary>
    public Bytes Memory { get; init; }

    /// <summary>Memory bandwidth in GB/s (10^9 bytes).</summary>
    public int BandwidthGBs { get; init; }

    /// <summary>Dense 16-bit tensor throughput in TFLOPS (10^12 operations a second), without sparsity; zero when unknown.</summary>
    public double TensorTflops { get; init; }

    /// <summary>CUDA compute capability, NVIDIA only.</summary>
    public ComputeCapability? ComputeCapability { get; init; }

    /// <summary>GPUs reach each other's memory over PCIe.</summary>
    public bool PeerToPeer { get; init; }

    /// <summary>GPUs are, or can be, joined by NVLink (or the vendor's like).</summary>
    public bool NvLink { get; init; }

    /// <summary>Bandwidth of NVLink (or the vendor's like) of one GPU in GB/s, both directions together; zero without.</summary>
    public int NvLinkGBs { get; init; }

    /// <summary>NVLink needs a bridge, which is bought apart and joins two to four cards. No label tells whether it is there.</summary>
    public bool NvLinkBridge { get; init; }

    /// <summary>The facts that speed rests on, of the whole GPU. NVLink counts only where no bridge is needed.</summary>
    public DeviceSpeed Speed => new(BandwidthGBs, TensorTflops, PeerToPeer, NvLink && !NvLinkBridge ? NvLinkGBs : 0);

    /// <summary>Where the figures come from.</summary>
    public string Source { get; init; } = "";
}
