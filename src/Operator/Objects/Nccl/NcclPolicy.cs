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
        if (PeerToPeerOff(facts) || facts.Fallback >= NcclFallback.PeerToPeerOff)
            Add("NCCL_P2P_DISABLE", "1");
        if (!facts.RdmaAllocated || facts.Fallback >= NcclFallback.InfiniBandOff)
            Add("NCCL_IB_DISABLE", "1");
        if (facts.Fallback >= NcclFallback.Debug)
            Add("NCCL_DEBUG", "INFO");
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

    /// <summary>
    /// The next step after a failure: the first that changes something, so that what is off already costs no restart; null when all were
    /// tried.
    /// </summary>
    /// <param name="facts">The facts, with the step that just failed.</param>
    public static NcclFallback? Next(NcclFacts facts)
    {
        var present = Environment(facts);
        foreach (var step in Enum.GetValues<NcclFallback>())
        {
            if ((facts.Fallback is null || step > facts.Fallback) && !Environment(facts with { Fallback = step }).SequenceEqual(present))
                return step;
        }
        return null;
    }

    private static bool PeerToPeerOff(NcclFacts facts) => facts.PeerToPeer switch
    {
        PeerToPeerChoice.Disabled => true,
        PeerToPeerChoice.Enabled => false,
        _ => facts.SomeProductLacksPeerAccess,
    };
}
