using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>The network between the pods of a group.</summary>
public sealed class NetworkSpec
{
    /// <summary>
    /// Network interface, or prefix or list as NCCL_SOCKET_IFNAME takes it, for traffic inside the group. Default: the pod's own.
    /// </summary>
    [Length(1, 100)]
    [Pattern("^[=^]?[A-Za-z0-9][A-Za-z0-9_.,:-]*$")]
    public string? Interface { get; set; }

    /// <summary>RDMA between the pods.</summary>
    public RdmaSpec Rdma { get; set; } = new();

    /// <summary>
    /// Whether the pods use their nodes' network. Refused for llama.cpp over several nodes: its RPC has no authentication.
    /// </summary>
    public bool HostNetwork { get; set; }

    /// <summary>NCCL settings.</summary>
    public NcclSpec Nccl { get; set; } = new();
}
