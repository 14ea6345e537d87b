using System.Text.Json;
using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Transformers;
using GpuStack.Operator.Commands.Plan;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Commands.Demo;

/// <summary>
/// The plan behind a deployment. The groups are those of the operator's ConfigMaps: what it decided. The reasons against
/// the other nodes come from the same pure planner, and only if it comes to the very same groups (equal hashes) on the
/// fleet as it was or as it is.
/// </summary>
internal sealed class DemoPlan(IKubernetesClient client, OperatorSettings settings)
{
    private InspectedModel? _model;
    private string? _modelOf;

    /// <summary>The plan in force, or the refusal; null when it cannot be known.</summary>
    public async Task<PlacementPlan?> OfAsync(
        ModelDeployment deployment, IReadOnlyList<V1Node> nodesAtStart, IReadOnlyList<V1ResourceSlice> slicesAtStart, CancellationToken cancellationToken)
    {
        var groups = await GroupsAsync(deployment, cancellationToken);
        _model ??= groups is [var first, ..] ? InspectedModel.Of(first) : null;
        var wanted = groups.Select(g => g.Hash).ToArray();
        var present = await ClusterReader.ReadAsync(client, deployment.Metadata.Namespace, cancellationToken);
        var atStart = await PlanAsync(deployment, present with { Nodes = nodesAtStart, Slices = slicesAtStart, Pods = [] }, cancellationToken);
        if (atStart is not null && Hashes(atStart).SequenceEqual(wanted))
            return atStart;
        var now = await PlanAsync(deployment, present, cancellationToken);
        if (now is not null && Hashes(now).SequenceEqual(wanted))
            return now;
        return groups.Count == 0 ? now : new PlacementPlan
        {
            Feasible = true,
            Engine = ModelSource.Engine(deployment.Spec) switch { EngineType.VLLM => PlacementEngine.VLLM, EngineType.SGLang => PlacementEngine.SGLang, _ => PlacementEngine.LlamaCpp },
            Groups = [.. groups.Select(g => g.Plan)],
        };
    }

    /// <summary>What the planner says of the cluster now, without the deployment's own pods; null when the model is unknown.</summary>
    public async Task<PlacementPlan?> NowAsync(ModelDeployment deployment, CancellationToken cancellationToken) =>
        await PlanAsync(deployment, await ClusterReader.ReadAsync(client, deployment.Metadata.Namespace, cancellationToken), cancellationToken);

    private static IEnumerable<string> Hashes(PlacementPlan plan) => plan.Groups.Select(g => g.Hash);

    private async Task<PlacementPlan?> PlanAsync(ModelDeployment deployment, ClusterSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (await ModelAsync(deployment, cancellationToken) is not { } model)
            return null;
        var fleet = PlanFleet.Of(snapshot, deployment, settings.Products);
        return Planner.Plan(fleet.Fleet, fleet.WithVolumes(PlanningInputs.Request(deployment, model, settings), deployment), []);
    }

    private async Task<IReadOnlyList<PlannedGroup>> GroupsAsync(ModelDeployment deployment, CancellationToken cancellationToken)
    {
        var inForce = (deployment.Status?.Groups ?? []).Select(g => (g.Index, g.PlanHash)).ToHashSet();
        var maps = await client.ListAsync<V1ConfigMap>(
            deployment.Metadata.Namespace,
            new ListOptions { LabelSelector = $"{GroupLabels.Deployment}={deployment.Metadata.Name}" },
            cancellationToken);
        return [.. maps.Items
            .Select(map => map.Data?.GetValueOrDefault(PlannedGroup.FileName))
            .Where(text => text is not null)
            .Select(text => JsonSerializer.Deserialize(text!, PlanningJsonContext.Default.PlannedGroup)!)
            .Where(group => inForce.Contains((group.Index, group.Hash)))
            .OrderBy(group => group.Index)];
    }

    /// <summary>The model's facts from the demo's hub; null for sources that are not there.</summary>
    private async Task<InspectedModel?> ModelAsync(ModelDeployment deployment, CancellationToken cancellationToken)
    {
        var source = deployment.Spec.Model;
        if (source.HuggingFace is null && source.ModelScope is null)
            return _model;
        try
        {
            var engine = ModelSource.Engine(deployment.Spec);
            var location = ModelSource.Location(source, engine);
            if (_modelOf == location.Text)
                return _model;
            using var http = new HttpClient(HttpByteRangeSource.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
            var opener = new ModelOpener(http, ModelSource.Hubs(source, settings, token: null));
            (_model, _) = await ModelInspector.ReadAsync(opener, location, engine, cancellationToken);
            _modelOf = location.Text;
            return _model;
        }
        catch (Exception exception) when (exception is ByteRangeException or GgufFormatException or ModelChoiceException or TransformerFormatException or SafetensorsFormatException or InspectionFailedException)
        {
            // The operator says in the conditions what is wrong with the model.
            return null;
        }
    }
}
