using System.Collections.Immutable;

namespace GpuStack.Operator.Objects.Nccl;

/// <summary>What the NCCL environment depends on.</summary>
/// <param name="PeerToPeer">What <c>network.nccl.peerToPeer</c> asks for.</param>
/// <param name="SomeProductLacksPeerAccess">Whether a GPU product of the group has neither NVLink nor PCIe peer access.</param>
/// <param name="RdmaAllocated">Whether the pods are given an RDMA resource.</param>
/// <param name="Interface">The network interface from <c>network.interface</c>; null leaves the choice to NCCL.</param>
/// <param name="UserVariables">Names of the variables that the user set.</param>
/// <param name="Fallback">What was turned off because NCCL failed; null for nothing.</param>
internal sealed record NcclFacts(
    PeerToPeerChoice PeerToPeer,
    bool SomeProductLacksPeerAccess,
    bool RdmaAllocated,
    string? Interface,
    ImmutableHashSet<string> UserVariables,
    NcclFallback? Fallback = null);

/// <summary>How GPUs of one node reach each other's memory.</summary>
internal enum PeerToPeerChoice
{
    /// <summary>By product.</summary>
    Auto,

    /// <summary>Directly, whatever the product.</summary>
    Enabled,

    /// <summary>Through host memory, whatever the product.</summary>
    Disabled,
}
