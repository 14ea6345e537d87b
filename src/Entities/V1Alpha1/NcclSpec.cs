using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>NCCL between the GPUs of a group.</summary>
public sealed class NcclSpec
{
    /// <summary>Direct access between GPUs. Auto turns it off only for products that have neither NVLink nor PCIe peer access.</summary>
    public AutoFeatureState PeerToPeer { get; set; } = AutoFeatureState.Auto;

    /// <summary>Whether the operator turns off peer-to-peer, then InfiniBand, when NCCL fails.</summary>
    public FeatureState Fallback { get; set; } = FeatureState.Enabled;

    /// <summary>Further NCCL variables; a variable given here beats the operator's.</summary>
    [ListType(ListKind.Map, "name")]
    [Items(0, 50)]
    public List<V1EnvVar>? Env { get; set; }
}
