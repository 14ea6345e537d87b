using GpuStack.Operator.Objects.Nccl;

namespace GpuStack.Operator.Tests.Objects;

public class NcclPolicyTests
{
    private const string P2P = "NCCL_P2P_DISABLE=1";
    private const string IB = "NCCL_IB_DISABLE=1";

    // peerToPeer, a product lacks peer access, RDMA allocated, interface, the user's variables -> what the operator sets
    public static TheoryData<string, bool, bool, string?, string, string> Table => new()
    {
        { "Auto", false, false, null, "", IB },
        { "Auto", true, false, null, "", $"{P2P} {IB}" },
        { "Auto", true, true, null, "", P2P },
        { "Auto", false, true, null, "", "" },
        { "Enabled", true, false, null, "", IB },
        { "Disabled", false, false, null, "", $"{P2P} {IB}" },
        { "Disabled", false, true, null, "", P2P },
        { "Auto", false, true, "eth1", "", "NCCL_SOCKET_IFNAME=eth1 GLOO_SOCKET_IFNAME=eth1" },
        { "Auto", true, false, "bond0", "", $"{P2P} {IB} NCCL_SOCKET_IFNAME=bond0 GLOO_SOCKET_IFNAME=bond0" },
        { "Auto", true, false, null, "NCCL_P2P_DISABLE", IB },
        { "Disabled", true, false, null, "NCCL_P2P_DISABLE NCCL_IB_DISABLE", "" },
        { "Auto", false, false, "eth1", "NCCL_SOCKET_IFNAME", $"{IB} GLOO_SOCKET_IFNAME=eth1" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Environment_sets_what_the_group_needs_and_never_what_the_user_set(
        string peerToPeer, bool lacksPeerAccess, bool rdma, string? name, string user, string expected)
    {
        var facts = new NcclFacts(
            Enum.Parse<PeerToPeerChoice>(peerToPeer), lacksPeerAccess, rdma, name, [.. user.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        var environment = NcclPolicy.Environment(facts);

        Assert.Equal(expected, string.Join(' ', environment.Select(pair => $"{pair.Key}={pair.Value}")));
    }
}
