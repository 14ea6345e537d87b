using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;
using static GpuStack.Placement.Tests.TestFleets;

namespace GpuStack.Placement.Tests.Planning;

public sealed class NodeExplanationTests
{
    [Fact]
    public void The_node_that_was_taken_is_the_smallest_that_holds_the_model()
    {
        var fleet = Build(Nvidia("large", 4), Nvidia("small", 1), Nvidia("small-too", 1), Nvidia("tiny", 1, "NVIDIA-T4", 5000));
        var request = Request(SyntheticModels.Llama8B);

        Assert.Contains("none has less than its 45.0 GiB", Explain(fleet, request, "small", chosen: true, NodeExplanation.Leader), StringComparison.Ordinal);
        Assert.Contains("small is its equal and was taken, for its name comes first", Explain(fleet, request, "small-too", false, RejectionReasons.NotNeeded), StringComparison.Ordinal);
        Assert.Contains("45.0 GiB of free GPU memory are less than 180.0 GiB", Explain(fleet, request, "large", false, RejectionReasons.NotNeeded), StringComparison.Ordinal);
        Assert.Contains("on 1 GPU, usable 3.9 GiB", Explain(fleet, request, "tiny", false, RejectionReasons.TooSmall), StringComparison.Ordinal);
        Assert.Contains("180.0 GiB of free GPU memory are more than 45.0 GiB", Explain(fleet, request with { Strategy = PlacementStrategy.Spread }, "small", false, RejectionReasons.NotNeeded), StringComparison.Ordinal);
        Assert.Contains("strategy Spread", Explain(fleet, request with { Strategy = PlacementStrategy.Spread }, "large", true, NodeExplanation.Leader), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_group_over_several_nodes_leader_and_workers_are_explained()
    {
        var fleet = Build(Nvidia("two", 2, "NVIDIA-A10", 23_028), Nvidia("one", 1, "NVIDIA-A10", 23_028), Nvidia("spare", 1, "NVIDIA-A10", 23_028));
        var request = Request(SyntheticModels.Llama70B);

        Assert.Contains("are the most in the group; 2 nodes are the fewest that hold the model", Explain(fleet, request, "two", true, NodeExplanation.Leader), StringComparison.Ordinal);
        Assert.Contains("works for group 0 with 1 GPU", Explain(fleet, request, "one", true, NodeExplanation.Worker), StringComparison.Ordinal);
        Assert.Contains("the 2 nodes taken are as few", Explain(fleet, request, "spare", false, RejectionReasons.NotNeeded), StringComparison.Ordinal);
        Assert.Contains("names it", Explain(fleet, request with { LeaderNode = "one" }, "one", true, NodeExplanation.Leader), StringComparison.Ordinal);
    }

    [Fact]
    public void One_GPU_is_preferred_to_two_of_a_smaller_pool()
    {
        var fleet = Build(Nvidia("one", 1), Nvidia("two", 2, "NVIDIA-T4", 15_360));
        var why = Explain(fleet, Request(SyntheticModels.Qwen32B), "two", false, RejectionReasons.NotNeeded);
        Assert.Contains("more than the 1 GPU that suffice on one", why, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_and_unknown_nodes_are_answered_too()
    {
        var fleet = Build(Nvidia("gone", 4) with { Ready = false }, Nvidia("poor", 4, cpuMillis: 500));
        Assert.Equal("is not Ready", Explain(fleet, Request(SyntheticModels.Llama8B), "gone", false, RejectionReasons.NotReady));
        Assert.Equal("needs 1 CPU, free 0.5", Explain(fleet, Request(SyntheticModels.Llama8B), "poor", false, RejectionReasons.HostCpu));
        Assert.Equal("there is no node of this name", Explain(fleet, Request(SyntheticModels.Llama8B), "nowhere", false, NodeExplanation.NoSuchNode));
    }

    [Fact]
    public void Nodes_are_explained_when_no_replica_is_wanted()
    {
        var request = Request(SyntheticModels.Llama8B) with { Replicas = 0 };
        Assert.Equal("would do: 1 GPU with 44.0 GiB usable", Explain(Build(Nvidia("one", 1)), request, "one", false, RejectionReasons.NotNeeded));
    }

    [Fact]
    public void Nodes_that_lack_the_same_are_one_reason_with_the_most_that_is_free()
    {
        var fleet = Build(Nvidia("a", 4, cpuMillis: 500), Nvidia("b", 4, cpuMillis: 700), Nvidia("c", 4, cpuMillis: 100));
        var rejected = Assert.Single(Planner.Plan(fleet, Request(SyntheticModels.Llama8B), []).Rejected);
        Assert.Equal((RejectionReasons.HostCpu, 3, "needs 1 CPU, free at most 0.7"), (rejected.Reason, rejected.Nodes, rejected.Message));
    }

    private static PlacementRequest Request(LlamaCppModel model) => new() { Name = "test", Launch = SyntheticModels.Launch(model, 8192), CpuRequestMillis = 1000 };

    private static string Explain(Fleet fleet, PlacementRequest request, string node, bool chosen, string reason)
    {
        var explanation = Planner.Explain(fleet, request, Planner.Plan(fleet, request, []), node);
        Assert.Equal((node, chosen, reason), (explanation.Node, explanation.Chosen, explanation.Reason));
        return explanation.Message;
    }
}
