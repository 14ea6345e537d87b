using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1.Status;

/// <summary>Memory that one group is estimated to need.</summary>
public sealed class EstimateStatus
{
    /// <summary>Weights.</summary>
    public Quantity? Weights { get; set; }

    /// <summary>KV cache.</summary>
    public Quantity? KvCache { get; set; }

    /// <summary>Compute buffers.</summary>
    public Quantity? Compute { get; set; }

    /// <summary>Margin for the GPU processes themselves.</summary>
    public Quantity? Overhead { get; set; }

    /// <summary>All of it, host memory included.</summary>
    public Quantity? Total { get; set; }

    /// <summary>Host memory of the leader.</summary>
    public Quantity? Host { get; set; }

    /// <summary>Per device of group 0, RPC devices first, in the engine's order.</summary>
    [ListType(ListKind.Atomic)]
    [Items(0, 512)]
    public List<DeviceEstimate>? Devices { get; set; }
}
