using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1.Status;

/// <summary>One pod of a group.</summary>
public sealed class GroupMemberStatus
{
    /// <summary>Its node.</summary>
    [Required]
    [Length(0, 253)]
    public string Node { get; set; } = "";

    /// <summary>GPUs that it uses there.</summary>
    [Required]
    public int Gpus { get; set; }

    /// <summary>Memory of these GPUs.</summary>
    public Quantity? Vram { get; set; }

    /// <summary>Product of these GPUs.</summary>
    [Length(0, 100)]
    public string? Product { get; set; }

    /// <summary>Its pod.</summary>
    [Length(0, 253)]
    public string? Pod { get; set; }
}
