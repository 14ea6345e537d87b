using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>On the network of the nodes each port is there once.</summary>
public sealed class HostPortTests
{
    private static readonly PlacementRequest s_small = new()
    {
        Name = "test",
        Launch = SyntheticModels.Launch(SyntheticModels.Llama8B, 8192),
        CpuRequestMillis = 1000,
        HostNetwork = true,
        LeaderHostPorts = [8000, 50053],
        WorkerHostPorts = [50053],
    };

    [Fact]
    public void Replicas_stand_on_a_node_each()
    {
        var fleet = Build(Nvidia("n-0", 4), Nvidia("n-1", 4));

        Assert.Equal(["n-0", "n-1"], Leaders(fleet, s_small with { Replicas = 2 }));
        Assert.Equal(["n-0", "n-0"], Leaders(fleet, s_small with { Replicas = 2, HostNetwork = false }));
    }

    [Fact]
    public void The_reason_against_a_node_names_who_has_the_port_there()
    {
        var fleet = Taken(("n-0", 8000, "pod a/x"), ("n-1", 8000, "pod a/y"), ("n-2", 50053, "pod a/z"));

        var plan = Planner.Plan(fleet, s_small, []);

        Assert.Equal(["n-3"], plan.Groups.Select(group => group.Leader.Node));
        Assert.Equal(
            [("host port 8000 is taken, on n-0 by pod a/x", 2), ("host port 50053 is taken by pod a/z", 1)],
            plan.Rejected.Select(rejected => (rejected.Message, rejected.Nodes)));
        Assert.All(plan.Rejected, rejected => Assert.Equal(RejectionReasons.HostPort, rejected.Reason));
        Assert.Equal("host port 8000 is taken by pod a/y", Planner.Explain(fleet, s_small, plan, "n-1").Message);
    }

    [Fact]
    public void Without_the_nodes_network_ports_tell_no_nodes_apart()
    {
        var fleet = Taken(("n-0", 8000, "pod a/x"), ("n-2", 50053, "pod a/z"));

        var plan = Planner.Plan(fleet, s_small with { HostNetwork = false }, []);

        Assert.Equal(["n-0"], plan.Groups.Select(group => group.Leader.Node));
        Assert.Equal([(RejectionReasons.NotNeeded, 3)], plan.Rejected.Select(rejected => (rejected.Reason, rejected.Nodes)));
    }

    [Fact]
    public void A_node_named_to_lead_whose_port_is_taken_is_refused_by_name()
    {
        var plan = Planner.Plan(Taken(("n-0", 8000, "pod a/x")), s_small with { LeaderNode = "n-0" }, []);

        Assert.Equal("placement.leader.nodeName: n-0 cannot lead: host port 8000 is taken by pod a/x.", plan.Message);
    }

    [Fact]
    public void Ports_are_given_back_with_their_last_holder()
    {
        var tracker = new FleetTracker(ProductTable.Default);
        tracker.SetNode(Nvidia("n-0", 4));
        var (first, second) = (Holding("n-0", 8000, "b"), Holding("n-0", 8000, "a"));

        tracker.Take(first);
        tracker.Take(second);
        Assert.Equal([new HostPort(8000, "a")], tracker.Fleet.Nodes[0].HostPorts);
        Assert.Equal([new HostPort(8000, "b")], tracker.Without([second]).Nodes[0].HostPorts);
        tracker.Give(second);
        Assert.Equal([new HostPort(8000, "b")], tracker.Fleet.Nodes[0].HostPorts);
        tracker.Give(first);

        Assert.Empty(tracker.Fleet.Nodes[0].HostPorts);
    }

    private static string[] Leaders(Fleet fleet, PlacementRequest request) => [.. Planner.Plan(fleet, request, []).Groups.Select(group => group.Leader.Node)];

    private static Fleet Taken(params (string Node, int Port, string Holder)[] ports) => FleetBuilder.Build(
        Enumerable.Range(0, 4).Select(i => Nvidia($"n-{i}", 4)), ports.Select(port => Holding(port.Node, port.Port, port.Holder)), ProductTable.Default);

    private static PodFacts Holding(string node, int port, string holder) => new() { Name = "pod", Node = node, HostPorts = [new HostPort(port, holder)] };
}
