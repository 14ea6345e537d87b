using FsCheck;
using FsCheck.Fluent;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Planning.Volumes;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning.Serving;

/// <summary>Claims that workers have for themselves: any worker may get any of the group's nodes.</summary>
public sealed class WorkerClaimsTests
{
    private const string H100 = "NVIDIA-H100-80GB-HBM3";

    private static readonly PlacementRequest s_twoNodes = new()
    {
        Name = "test",
        Launch = SyntheticTransformers.Vllm(SyntheticTransformers.Llama70B),
        TensorParallel = 2,
        PipelineParallel = 2,
        Scope = PlacementScope.MultiNode,
    };

    [Fact]
    public void A_worker_stands_where_its_claim_is_and_the_leader_anywhere()
    {
        var request = s_twoNodes with { WorkerClaims = Claims(InRack("claim-0", "b")) };

        var plan = Planner.Plan(Fleet(("n-0", "a"), ("n-1", "a"), ("n-2", "b")), request, []);

        Assert.Equal(("n-0", "n-2"), (plan.Groups[0].Leader.Node, Assert.Single(plan.Groups[0].Workers).Node));
        Assert.Equal(("n-1", RejectionReasons.VolumeTopology, "claim claim-0: its volume is in rack b"), (plan.Rejected[0].Examples[0], plan.Rejected[0].Reason, plan.Rejected[0].Message));
    }

    [Fact]
    public void Without_a_node_that_can_mount_it_the_group_waits()
    {
        var plan = Planner.Plan(Fleet(("n-0", "a"), ("n-1", "a")), s_twoNodes with { WorkerClaims = Claims(InRack("claim-0", "b")) }, []);

        Assert.False(plan.Feasible);
        Assert.Equal([(RejectionReasons.VolumeTopology, 2)], plan.Rejected.Select(rejected => (rejected.Reason, rejected.Nodes)));
    }

    [Fact]
    public void A_group_on_one_node_has_no_workers_and_does_not_care()
    {
        var request = s_twoNodes with { TensorParallel = null, PipelineParallel = null, Scope = PlacementScope.Auto, WorkerClaims = Claims(InRack("claim-0", "b")) };

        Assert.Equal("n-0", Planner.Plan(Fleet(("n-0", "a")), request, []).Groups[0].Leader.Node);
    }

    [Fact]
    public void Claims_of_which_each_finds_no_node_of_its_own_are_named()
    {
        var request = s_twoNodes with { PipelineParallel = 3, WorkerClaims = Claims(InRack("claim-0", "b"), InRack("claim-1", "c")) };

        var apart = Planner.Plan(Fleet(("n-0", "a"), ("n-1", "b"), ("n-2", "c")), request, []);
        var together = Planner.Plan(Fleet(("n-0", "a"), ("n-1", "b"), ("n-2", "b")), request, []);

        Assert.Equal(["n-1", "n-2"], apart.Groups[0].Workers.Select(worker => worker.Node));
        Assert.False(together.Feasible);
        Assert.Equal(
            "The claims that the workers have for themselves, claim-0 and further ones, cannot be mounted on a node each of those that fit (n-1, n-2): "
            + "delete those of the workers that are to move, and their pods fetch the model anew.",
            together.Message);
    }

    [Fact]
    public void A_worker_without_a_claim_stands_where_no_claim_can_be_mounted()
    {
        var request = s_twoNodes with { PipelineParallel = 3, WorkerClaims = Claims(InRack("claim-0", "b")) };

        var plan = Planner.Plan(Fleet(("n-0", "a"), ("n-1", "b"), ("n-2", "c")), request, []);

        Assert.True(plan.Feasible, plan.Message);
        Assert.Equal(["n-1", "n-2"], plan.Groups[0].Workers.Select(worker => worker.Node));
    }

    [Fact]
    public void A_worker_whose_claim_was_deleted_stands_anywhere_and_the_others_where_theirs_are()
    {
        var request = s_twoNodes with { PipelineParallel = 3, WorkerClaims = Claims(VolumeConstraint.AnyNode("claim-0"), InRack("claim-1", "b")) };

        var fits = Planner.Plan(Fleet(("n-0", "a"), ("n-1", "b"), ("n-2", "c")), request, []);
        var fitsNot = Planner.Plan(Fleet(("n-0", "a"), ("n-1", "a"), ("n-2", "c")), request, []);

        Assert.Equal(["n-1", "n-2"], fits.Groups[0].Workers.Select(worker => worker.Node));
        Assert.False(fitsNot.Feasible);
        Assert.StartsWith("The claims that the workers have for themselves, claim-1, cannot", fitsNot.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_where_claims_are_come_before_others()
    {
        var request = s_twoNodes with { PipelineParallel = 3, WorkerClaims = Claims(InRack("claim-0", "d")) };

        var plan = Planner.Plan(Fleet(("n-0", "a"), ("n-1", "b"), ("n-2", "c"), ("n-3", "d")), request, []);

        Assert.True(plan.Feasible, plan.Message);
        Assert.Contains("n-3", plan.Groups[0].Workers.Select(worker => worker.Node));
    }

    /// <summary>Against trying all ways.</summary>
    [Fact]
    public void Claims_fit_when_some_order_of_the_nodes_fits_them() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1000),
        Prop.ForAll(Gen.ArrayOf(Gen.SubListOf(0, 1, 2, 3), 3).ToArbitrary(), Gen.Choose(1, 4).ToArbitrary(), (allowed, count) =>
        {
            var claims = Claims([.. allowed.Select((nodes, i) => new VolumeConstraint($"c{i}", [.. nodes.Select(node => NodeTerm.OfNode($"n-{node}"))], ""))]);
            var nodes = Enumerable.Range(0, count).Select(i => ($"n-{i}", (IReadOnlyDictionary<string, string>)new Dictionary<string, string>(StringComparer.Ordinal))).ToArray();

            Assert.Equal(Any(0, []), claims.Fit(nodes));

            bool Any(int claim, int[] taken) => claim == Math.Min(allowed.Length, count)
                || allowed[claim].Any(node => node < count && !taken.Contains(node) && Any(claim + 1, [.. taken, node]));
        }));

    private static WorkerClaims Claims(params VolumeConstraint[] claims) => new([.. claims]);

    private static VolumeConstraint InRack(string claim, string rack) => new(
        claim, [new NodeTerm([new NodeRequirement("topology.kubernetes.io/rack", NodeOperator.In, [rack])], [])], $"claim {claim}: its volume is in rack {rack}");

    private static Fleet Fleet(params (string Name, string Rack)[] nodes) => Build([.. nodes.Select(node => Nvidia(node.Name, 2, H100, 81_559, rack: node.Rack))]);
}
