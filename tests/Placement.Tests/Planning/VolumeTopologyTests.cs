using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Planning.Volumes;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning;

public sealed class VolumeTopologyTests
{
    private static readonly VolumeConstraint s_inRackA = new(
        "models", [new NodeTerm([new NodeRequirement("topology.kubernetes.io/rack", NodeOperator.In, ["a"])], [])], "claim models: its volume is in rack a");

    private static readonly PlacementRequest s_small =
        new() { Name = "test", Launch = SyntheticModels.Launch(SyntheticModels.Llama8B, 8192), CpuRequestMillis = 1000 };

    [Fact]
    public void A_node_that_cannot_mount_the_volume_does_not_lead()
    {
        var plan = Planner.Plan(Build(Nvidia("n-0", 1, rack: "b"), Nvidia("n-1", 1, rack: "a")), s_small with { Volumes = [Leader(s_inRackA)] }, []);

        Assert.Equal("n-1", plan.Groups[0].Leader.Node);
        var rejected = Assert.Single(plan.Rejected);
        Assert.Equal((RejectionReasons.VolumeTopology, 1, "claim models: its volume is in rack a"), (rejected.Reason, rejected.Nodes, rejected.Message));
    }

    [Fact]
    public void A_volume_of_the_leader_keeps_no_node_from_working()
    {
        var request = s_small with { Launch = SyntheticModels.Launch(SyntheticModels.Llama70B, 8192), Volumes = [Leader(s_inRackA)] };
        var plan = Planner.Plan(Build(Nvidia("n-0", 1, rack: "b"), Nvidia("n-1", 1, rack: "a")), request, []);

        Assert.Equal(("n-1", "n-0"), (plan.Groups[0].Leader.Node, Assert.Single(plan.Groups[0].Workers).Node));
    }

    [Fact]
    public void A_volume_of_all_pods_keeps_nodes_out_altogether()
    {
        var request = s_small with { Launch = SyntheticModels.Launch(SyntheticModels.Llama70B, 8192), Volumes = [s_inRackA] };
        var plan = Planner.Plan(Build(Nvidia("n-0", 1, rack: "b"), Nvidia("n-1", 1, rack: "a")), request, []);

        Assert.False(plan.Feasible);
        Assert.Equal([RejectionReasons.TooSmall, RejectionReasons.VolumeTopology], plan.Rejected.Select(r => r.Reason).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_volume_on_one_node_is_told_apart_from_its_equals_also_after_that_node_went()
    {
        var request = s_small with { Volumes = [Leader(VolumeConstraint.OneNode("models", "n-1", "claim models: in use on node n-1"))] };
        var fleet = Build(Nvidia("n-0", 1), Nvidia("n-1", 1), Nvidia("n-2", 1));

        Assert.Equal("n-1", Planner.Plan(fleet, request, []).Groups[0].Leader.Node);
        var without = Planner.Plan(fleet.Without("n-1"), request, []);
        Assert.False(without.Feasible);
        Assert.Equal((RejectionReasons.VolumeTopology, 2), (without.Rejected[0].Reason, without.Rejected[0].Nodes));
        Assert.Equal((RejectionReasons.VolumeTopology, false), Explained(fleet.Without("n-1"), request, "n-0"));
        Assert.Equal((NodeExplanation.Leader, true), Explained(fleet, request, "n-1"));
    }

    [Fact]
    public void Groups_that_share_a_ReadWriteOnce_volume_are_led_from_one_node()
    {
        var shared = new VolumeConstraint("models", [NodeTerm.Any], "") { LeaderOnly = true, Sharing = VolumeSharing.OneNode };
        var plan = Planner.Plan(Build(Nvidia("n-0", 1), Nvidia("n-1", 2), Nvidia("n-2", 4)), s_small with { Volumes = [shared], Replicas = 2 }, []);
        // One alone would take the smallest node.
        Assert.Equal(["n-1", "n-1"], plan.Groups.Select(g => g.Leader.Node));

        var three = Planner.Plan(Build(Nvidia("n-0", 1), Nvidia("n-1", 2)), s_small with { Volumes = [shared], Replicas = 3 }, []);
        Assert.False(three.Feasible);
        Assert.Equal(["n-1", "n-1"], three.Groups.Select(g => g.Leader.Node));
    }

    private static VolumeConstraint Leader(VolumeConstraint volume) =>
        new(volume.Claim, volume.Alternatives, volume.Message) { LeaderOnly = true, Sharing = volume.Sharing };

    private static (string Reason, bool Chosen) Explained(Fleet fleet, PlacementRequest request, string node)
    {
        var explanation = Planner.Explain(fleet, request, Planner.Plan(fleet, request, []), node);
        return (explanation.Reason, explanation.Chosen);
    }
}
