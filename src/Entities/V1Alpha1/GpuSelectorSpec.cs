using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>Which GPUs may be used.</summary>
public sealed class GpuSelectorSpec
{
    /// <summary>Vendors. Default: every vendor that the engine supports.</summary>
    [ListType(ListKind.Set)]
    [Items(0, 8)]
    public List<GpuVendor>? Vendors { get; set; }

    /// <summary>Products as the node labels name them, such as <c>NVIDIA-L40S</c>. Default: every product.</summary>
    [ListType(ListKind.Set)]
    [Items(0, 64)]
    [Length(1, 100)]
    public List<string>? Products { get; set; }

    /// <summary>Least memory of one GPU.</summary>
    [CelRule(QuantityRules.Positive, QuantityRules.PositiveMessage)]
    public Quantity? MinMemory { get; set; }

    /// <summary>Least CUDA compute capability, such as <c>8.0</c>; GPUs that publish none do not match.</summary>
    [Length(3, 6)]
    [Pattern("^[0-9]{1,2}\\.[0-9]{1,2}$")]
    public string? MinComputeCapability { get; set; }
}
