using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Tests.Speed;

public sealed class PlanSpeedTests
{
    [Fact]
    public void A_plan_over_nodes_says_how_fast_it_is_and_how_long_its_weights_are_on_the_wire()
    {
        var group = Plan(TestFleets.Nvidia("a", 1), TestFleets.Nvidia("b", 1));
        var weights = group.Estimate.Devices[0].Weight.Value;
        Assert.Equal(weights * 8 / 10e9, group.FirstLoadSeconds!.Value, 3);
        Assert.True(group.PredictedPrefillTokensPerSecond > group.PredictedTokensPerSecond);
        Assert.True(group.SpeedCalibrated);
    }

    [Fact]
    public void Within_one_node_nothing_is_sent() => Assert.Null(Plan(TestFleets.Nvidia("a", 2)).FirstLoadSeconds);

    [Fact]
    public void An_unknown_product_has_no_speed()
    {
        var group = Plan(TestFleets.Nvidia("a", 2, product: "NVIDIA-Unheard-Of", memoryMiB: 46068));
        Assert.Null(group.PredictedTokensPerSecond);
        Assert.Null(group.PredictedPrefillTokensPerSecond);
        Assert.False(group.SpeedCalibrated);
    }

    private static GroupPlan Plan(params NodeFacts[] nodes)
    {
        var request = new PlacementRequest { Name = "test", Launch = SyntheticModels.Launch(SyntheticModels.Llama70B, 4096) };
        return Assert.Single(Planner.Plan(TestFleets.Build(nodes), request, []).Groups);
    }
}
