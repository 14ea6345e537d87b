using System.Collections.Immutable;

namespace GpuStack.Operator.Objects.Nccl;

/// <summary>
/// The NCCL environment of a group's pods, leader and workers alike. Peer-to-peer is turned off only for products that have neither
/// NVLink nor PCIe peer access: there NCCL may hang or fail, while elsewhere turning it off costs a factor of ten between NVLinked GPUs
/// (docs/guides, measured). A variable that the user set is never touched.
/// </summary>
internal static class NcclPolicy
{
    public static ImmutableArray<KeyValuePair<string, string>> Environment(NcclFacts facts)
    {
        var environment = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        if (PeerToPeerOff(facts))
            Add("NCCL_P2P_DISABLE", "1");
        if (!facts.RdmaAllocated)
            Add("NCCL_IB_DISABLE", "1");
        if (facts.Interface is { Length: > 0 } name)
        {
            Add("NCCL_SOCKET_IFNAME", name);
            Add("GLOO_SOCKET_IFNAME", name);
        }
        return environment.ToImmutable();

        void Add(string key, string value)
        {
            if (!facts.UserVariables.Contains(key))
                environment.Add(new(key, value));
        }
    }

    private static bool PeerToPeerOff(NcclFacts facts) => facts.PeerToPeer switch
    {
        PeerToPeerChoice.Disabled => true,
        PeerToPeerChoice.Enabled => false,
        _ => facts.SomeProductLacksPeerAccess,
    };
}
