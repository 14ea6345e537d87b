using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning;

/// <summary>Which GPUs may be used; an empty field asks for nothing.</summary>
public sealed record GpuSelector
{
    /// <summary>Asks for nothing.</summary>
    public static GpuSelector Any { get; } = new();

    /// <summary>Vendors, any case.</summary>
    public ImmutableArray<string> Vendors { get; init; } = [];

    /// <summary>Product names; matched as the product table does, so <c>L40S</c> matches <c>NVIDIA-L40S</c>.</summary>
    public ImmutableArray<string> Products { get; init; } = [];

    /// <summary>Least memory of one GPU.</summary>
    public Bytes? MinMemory { get; init; }

    /// <summary>Least CUDA compute capability.</summary>
    public ComputeCapability? MinComputeCapability { get; init; }
}
