using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Fleets;

/// <summary>The GPUs of each node of a group.</summary>
public sealed record NodeGroupGpu
{
    /// <summary>Who makes them, and hence which labels and resource the nodes publish.</summary>
    public required GpuVendor Vendor { get; init; }

    /// <summary>Product as the vendor's label spells it, such as <c>NVIDIA-L40S</c>.</summary>
    public required string Product { get; init; }

    /// <summary>Memory of one GPU; null when the node publishes none.</summary>
    public Quantity? Memory { get; init; }

    /// <summary>GPUs of each node.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Driver version, such as <c>550.107.02</c>.</summary>
    public string? Driver { get; init; }

    /// <summary>CUDA compute capability, such as <c>8.9</c>.</summary>
    public string? ComputeCapability { get; init; }

    /// <summary>
    /// Whether the nodes offer them by dynamic resource allocation alone: ResourceSlices in place of an extended resource.
    /// NVIDIA, AMD and Intel have such drivers.
    /// </summary>
    public bool Dra { get; init; }
}
