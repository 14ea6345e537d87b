using System.Text.Json;
using GpuStack.Entities.Fleets;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Tests.Planning;

public class PlannedGroupJsonTests
{
    [Fact]
    public async Task A_plan_is_restored_as_it_was_written()
    {
        var group = await PlannedAsync();
        var restored = JsonSerializer.Deserialize(Write(group), PlanningJsonContext.Default.PlannedGroup)!;
        Assert.NotNull(restored.Plan.PredictedPrefillTokensPerSecond);
        Assert.Equal(group.Plan.PredictedPrefillTokensPerSecond, restored.Plan.PredictedPrefillTokensPerSecond);
        Assert.Equal(Write(group), Write(restored));
    }

    /// <summary>Otherwise its template hash would change, and a newer operator would restart the group.</summary>
    [Fact]
    public async Task A_plan_written_before_prompts_were_predicted_is_restored_without_a_change()
    {
        var group = await PlannedAsync();
        var old = Write(group with { Plan = group.Plan with { PredictedPrefillTokensPerSecond = null, FirstLoadSeconds = null } });
        Assert.DoesNotContain("refill", old, StringComparison.Ordinal);
        Assert.DoesNotContain("firstLoad", old, StringComparison.Ordinal);
        Assert.Equal(old, Write(JsonSerializer.Deserialize(old, PlanningJsonContext.Default.PlannedGroup)!));
    }

    [Fact]
    public void Fleet_files_write_the_annotations_that_the_planner_reads()
    {
        Assert.Equal(NodeNetwork.LatencyAnnotation, FleetNodes.LatencyAnnotation);
        Assert.Equal(NodeNetwork.BandwidthAnnotation, FleetNodes.BandwidthAnnotation);
    }

    private static string Write(PlannedGroup group) => JsonSerializer.Serialize(group, PlanningJsonContext.Default.PlannedGroup);

    private static async Task<PlannedGroup> PlannedAsync()
    {
        var deployment = Inputs.Small();
        var model = await Inputs.ModelAsync(deployment);
        var request = PlacementRequestMapper.Map(deployment, model, new OperatorSettings());
        var plan = Planner.Plan(Inputs.Fleet(Inputs.Nodes("gpu", 1)), request, []);
        return new PlannedGroup
        {
            InputHash = SpecHash.PlanningInput(deployment.Spec),
            SourceKey = SpecHash.Source(deployment.Spec),
            Options = ((LlamaCppLaunch)request.Launch).Options,
            Model = model,
            Plan = Assert.Single(plan.Groups),
        };
    }
}
