using System.Globalization;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.V1Alpha1.Status;
using GpuStack.Kubernetes.Models;
using GpuStack.Modeling;
using GpuStack.Operator.Inspection;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Status;

/// <summary>The status of a deployment, from everything that is known of it. Pure.</summary>
internal static class StatusBuilder
{
    private const int MostRejections = 64;
    private const int MostSuggestions = 16;
    private const int MostExamples = 10;
    private const int MostDevices = 512;
    private const int MessageLimit = 2048;

    public static ModelDeploymentStatus Build(DeploymentView view, DateTimeOffset now)
    {
        var deployment = view.Deployment;
        var plans = Plans(view);
        var answer = view.Intent == DeploymentIntent.PlanOnly ? view.Preview : view.Refusal;
        var planned = plans.SelectMany(plan => plan.Nodes).ToList();
        return new ModelDeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = view.Groups.Length,
            ReadyReplicas = view.Groups.Count(group => group.Ready),
            UpdatedReplicas = view.Groups.Count(group => group.Updated),
            Selector = string.Join(',', ObjectIdentity.Selector(deployment, GroupLabels.LeaderRole).Select(pair => $"{pair.Key}={pair.Value}")),
            Endpoint = view.Intent == DeploymentIntent.Run && !view.Groups.IsEmpty
                ? $"http://{ObjectName.Service(deployment.Metadata.Name ?? "")}.{deployment.Metadata.Namespace}.svc:{deployment.Spec.Access.Service.Port}/v1"
                : null,
            Gpus = planned.Count > 0 ? planned.Sum(node => node.Gpus) : null,
            Vram = planned.Count > 0 ? Quantity.FromBytes(planned.Sum(node => node.Vram.Value)) : (Quantity?)null,
            Model = Model(view),
            Engine = Engine(view),
            Estimate = plans.Count > 0 ? Estimate(plans[0]) : null,
            Groups = plans.Count > 0 ? [.. plans.Select((plan, i) => Group(plan, view.Groups.IsEmpty ? null : view.Groups[i], view))] : null,
            Rejected = answer is { Feasible: false, Rejected.Length: > 0 } ? [.. answer.Rejected.Take(MostRejections).Select(Rejection)] : null,
            Suggestions = answer is { Feasible: false, Suggestions.Length: > 0 }
                ? [.. answer.Suggestions.Take(MostSuggestions).Select(one => new SuggestionStatus { Change = Cut(one.Change, 500), Effect = Cut(one.Effect) })]
                : null,
            Conditions = ConditionBuilder.Build(view, now),
        };
    }

    /// <summary>The plans that the status shows: those in force, else those of the preview.</summary>
    private static List<GroupPlan> Plans(DeploymentView view) => view.Groups.IsEmpty
        ? [.. view.Preview?.Groups ?? []]
        : [.. view.Groups.Select(group => group.Group.Plan)];

    private static ModelStatus Model(DeploymentView view)
    {
        var source = view.Deployment.Spec.Model;
        var status = new ModelStatus { Name = ModelSource.DisplayName(source), File = ModelSource.FileName(source) };
        if (view.Model is not { } model)
            return status;
        status.File = ModelSource.FoundFile(source, model.DownloadUrl);
        status.Revision = model.Revision.Length > 0 ? model.Revision : null;
        status.Format = model.Format;
        status.Architecture = model.Architecture;
        status.Parameters = model.Parameters > 0 ? model.Parameters : null;
        status.Layers = model.Layers;
        status.ContextLength = model.ContextLength > 0 ? model.ContextLength : null;
        status.Size = Quantity.FromBytes(model.WeightBytes);
        return status;
    }

    private static EngineStatus Engine(DeploymentView view)
    {
        var spec = view.Deployment.Spec;
        var engine = ModelSource.Engine(spec);
        var status = new EngineStatus { Type = engine.ToString(), Image = view.Image };
        if (engine != EngineType.LlamaCpp)
            return Serving(view, status);
        var options = !view.Groups.IsEmpty ? view.Groups[0].Group.Options
            : view.Model?.Gguf is { } model ? ((LlamaCppLaunch)PlacementRequestMapper.Map(view.Deployment, model).Launch).Options
            : null;
        if (options is null)
            return status;
        status.ContextLength = options.ContextLength.Value;
        status.ParallelRequests = options.ParallelRequests;
        status.KvCacheType = options.KeyType.ToString().ToLowerInvariant();
        status.FlashAttention = options.FlashAttention ? FeatureState.Enabled : FeatureState.Disabled;
        status.GpuLayers = Plans(view) is [var first, ..] ? first.GpuLayers : null;
        return status;
    }

    private static EngineStatus Serving(DeploymentView view, EngineStatus status)
    {
        var context = !view.Groups.IsEmpty ? view.Groups[0].Group.Serving?.ContextLength
            : view.Model?.Folder is { } model ? PlacementRequestMapper.Map(view.Deployment, ModelSource.Engine(view.Deployment.Spec), model).Launch.ContextLength
            : (Tokens?)null;
        if (context is null)
            return status;
        status.ContextLength = context.Value.Value;
        status.ParallelRequests = view.Deployment.Spec.Engine.ParallelRequests;
        status.KvCacheType = view.Deployment.Spec.Engine.KvCacheType;
        if (Plans(view) is [{ ServingSizes: { } sizes }, ..])
        {
            status.TensorParallelism = sizes.Tensor;
            status.PipelineParallelism = sizes.Pipeline;
        }
        return status;
    }

    private static EstimateStatus Estimate(GroupPlan plan)
    {
        var estimate = plan.Estimate;
        var nodes = plan.Workers.Append(plan.Leader).SelectMany(node => Enumerable.Repeat(node.Node, node.Gpus)).ToList();
        return new EstimateStatus
        {
            Weights = Quantity.FromBytes(estimate.Weight.Value),
            KvCache = Quantity.FromBytes(estimate.KvCache.Value),
            Compute = Quantity.FromBytes(estimate.Devices.Sum(device => device.Compute.Value)),
            Overhead = Quantity.FromBytes(estimate.Devices.Sum(device => device.Overhead.Value)),
            Total = Quantity.FromBytes(estimate.Total.Value),
            Host = Quantity.FromBytes(estimate.Host.Total.Value),
            Devices = [.. estimate.Devices.Take(MostDevices).Select(device => Device(device, plan, nodes))],
        };
    }

    private static DeviceEstimate Device(DeviceMemory device, GroupPlan plan, List<string> nodes) => new()
    {
        Kind = device.Kind.ToString().ToLowerInvariant(),
        Index = device.Index,
        Node = device.Index is { } index ? (index < nodes.Count ? nodes[index] : null) : plan.Leader.Node,
        FirstLayer = device.FirstLayer,
        LastLayer = device.LastLayer,
        Weights = Quantity.FromBytes(device.Weight.Value),
        KvCache = Quantity.FromBytes(device.KvCache.Value),
        Compute = Quantity.FromBytes(device.Compute.Value),
        Overhead = Quantity.FromBytes(device.Overhead.Value),
        Total = Quantity.FromBytes(device.Total.Value),
    };

    private static GroupStatus Group(GroupPlan plan, GroupView? group, DeploymentView view)
    {
        var name = view.Deployment.Metadata.Name ?? "";
        var ordinals = new Dictionary<int, int>();
        return new GroupStatus
        {
            Index = plan.Index,
            Leader = Member(plan.Leader, group is null ? null : $"{ObjectName.Leader(name, plan.Index)}-0"),
            Workers = plan.Workers.IsEmpty ? null : [.. plan.Workers.Select(worker => Member(worker, group is null ? null : WorkerPod(worker)))],
            LayersPerDevice = [.. plan.LayersPerDevice],
            PredictedTokensPerSecond = plan.PredictedTokensPerSecond?.ToString("0.0", CultureInfo.InvariantCulture),
            SpeedCalibrated = plan.PredictedTokensPerSecond is null ? null : plan.SpeedCalibrated,
            PlanHash = plan.Hash,
            Ready = group?.Ready ?? false,
            Restarts = group?.Restarts,
            Message = group?.Message is { } message ? Cut(message) : null,
            NcclFallback = group?.Group.Fallback?.ToString(),
            Environment = view.Environments.GetValueOrDefault(plan.Index) is { Count: > 0 } environment
                ? new Dictionary<string, string>(environment, StringComparer.Ordinal)
                : null,
        };

        // Pods of one shape are interchangeable: which of its nodes a pod landed on is the scheduler's choice.
        string WorkerPod(PlannedNode worker)
        {
            var seen = group!.Pods.FirstOrDefault(pod => pod.Role == GroupLabels.WorkerRole && pod.Node == worker.Node);
            var ordinal = ordinals.GetValueOrDefault(worker.ShapeIndex);
            ordinals[worker.ShapeIndex] = ordinal + 1;
            return seen?.Name ?? $"{ObjectName.Workers(name, plan.Index, worker.ShapeIndex)}-{ordinal}";
        }
    }

    private static GroupMemberStatus Member(PlannedNode node, string? pod) => new()
    {
        Node = node.Node,
        Gpus = node.Gpus,
        Vram = Quantity.FromBytes(node.Vram.Value),
        Product = node.Product.Length > 0 ? Cut(node.Product, 100) : null,
        Pod = pod,
    };

    private static RejectionStatus Rejection(Rejection rejection) => new()
    {
        Reason = rejection.Reason,
        Message = Cut(rejection.Message),
        Nodes = rejection.Nodes,
        Examples = [.. rejection.Examples.Take(MostExamples)],
    };

    private static string Cut(string text, int limit = MessageLimit) => text.Length <= limit ? text : $"{text[..(limit - 1)]}…";
}
