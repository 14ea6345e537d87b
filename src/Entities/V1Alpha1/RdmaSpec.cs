using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>RDMA between the pods of a group.</summary>
public sealed class RdmaSpec
{
    /// <summary>Whether RDMA is used.</summary>
    public RdmaMode Mode { get; set; } = RdmaMode.Auto;

    /// <summary>
    /// Extended resource that gives a pod its RDMA device, such as <c>rdma/hca_shared_devices_a</c>. Default: found on the nodes.
    /// </summary>
    [Length(1, 316)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$")]
    public string? ResourceName { get; set; }
}
