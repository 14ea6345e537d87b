using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1.Status;

/// <summary>Memory that one device of group 0 is estimated to need.</summary>
public sealed class DeviceEstimate
{
    /// <summary>rpc, gpu or host.</summary>
    [Required]
    [Length(0, 16)]
    public string Kind { get; set; } = "";

    /// <summary>Place among the devices in the engine's order; the host has none.</summary>
    public int? Index { get; set; }

    /// <summary>Node of the device.</summary>
    [Length(0, 253)]
    public string? Node { get; set; }

    /// <summary>First layer on the device.</summary>
    public int? FirstLayer { get; set; }

    /// <summary>Last layer on the device.</summary>
    public int? LastLayer { get; set; }

    /// <summary>Weights.</summary>
    public Quantity? Weights { get; set; }

    /// <summary>KV cache.</summary>
    public Quantity? KvCache { get; set; }

    /// <summary>Compute buffers.</summary>
    public Quantity? Compute { get; set; }

    /// <summary>Margin for the GPU process itself.</summary>
    public Quantity? Overhead { get; set; }

    /// <summary>All of it.</summary>
    public Quantity? Total { get; set; }
}
