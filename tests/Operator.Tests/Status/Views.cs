using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Tests.Status;

/// <summary>Views of deployments in states that tests need.</summary>
internal static class Views
{
    public const string Template = "template";

    public static async Task<PlannedGroup> GroupAsync(int index = 0, string inputHash = "input")
    {
        var deployment = Inputs.Small();
        var request = PlacementRequestMapper.Map(deployment, await Inputs.ModelAsync(deployment));
        var plan = Planner.Plan(Inputs.Fleet(Inputs.Nodes("gpu", 4)), request, []);
        var launch = (LlamaCppLaunch)request.Launch;
        return new PlannedGroup
        {
            InputHash = inputHash,
            SourceKey = "source",
            Options = launch.Options,
            Model = launch.Model,
            DownloadUrl = "https://huggingface.co/x/resolve/main/y.gguf",
            Plan = plan.Groups[0] with { Index = index },
        };
    }

    public static GroupView View(PlannedGroup group, params PodObservation[] pods) =>
        new(group, [.. pods], new NodeVerdict([], [], null), Template, "input", 1 + group.Plan.Workers.Length);

    public static PodObservation Pod(PlannedGroup group, bool ready = true, string template = Template, bool terminating = false) => new(
        $"small-{group.Index}-0", GroupLabels.LeaderRole, group.Plan.Leader.Node, group.Hash, template, terminating, ready && !terminating,
        null, 0, ready ? null : "PodStarting", ready ? null : $"pod small-{group.Index}-0 is starting on {group.Plan.Leader.Node}");

    public static DeploymentView Of(ModelDeployment deployment, params GroupView[] groups) => new()
    {
        Deployment = deployment,
        Groups = groups.ToImmutableArray(),
        Model = groups.Length == 0 ? null : new GpuStack.Operator.Inspection.InspectedModel { Gguf = groups[0].Group.Model },
    };
}
