using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Entities;
using GpuStack.Entities.Conditions;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Entities.V1Alpha1.Status;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Events;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Status;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Controllers;

/// <summary>Writes a status when it differs from the one that is there, and one event for each condition that changed its mind.</summary>
[EntityRbac(typeof(ModelDeployment), Subresource = "status", Verbs = RbacVerb.Patch)]
internal sealed class StatusWriter(
    IKubernetesClient client, IEntityCache<ModelDeployment> cache, IEventRecorder events, TimeProvider time, ILogger<StatusWriter> logger)
{
    private static readonly ApplyOptions Options = new(GroupLabels.Manager, force: true)
    {
        Answer = JsonProjection.Everything.Keep<ModelDeployment>("metadata").Keep<V1ObjectMeta>("resourceVersion"),
    };

    /// <summary>What was written last, by uid, until the cache has seen it: until then that tells of a status that is gone.</summary>
    private readonly ConcurrentDictionary<string, Written> _written = new(StringComparer.Ordinal);

    /// <summary>The newest status that is known of a deployment.</summary>
    public ModelDeploymentStatus? Latest(ModelDeployment deployment)
    {
        if (_written.TryGetValue(deployment.Metadata.Uid ?? "", out var written))
            return written.Status;
        // What was written may have come to the cache after this copy was taken from it.
        return cache.Get(EntityKey.Of(deployment)) is { } cached && cached.Metadata.Uid == deployment.Metadata.Uid ? cached.Status : deployment.Status;
    }

    /// <summary>The cache has this version of a deployment; must be quick.</summary>
    public void Seen(ModelDeployment cached)
    {
        if (_written.TryGetValue(cached.Metadata.Uid ?? "", out var written) && written.Version == cached.Metadata.ResourceVersion)
            _written.TryRemove(new KeyValuePair<string, Written>(cached.Metadata.Uid ?? "", written));
    }

    /// <summary>Forgets a deployment that was deleted.</summary>
    public void Forget(ModelDeployment deployment) => _written.TryRemove(deployment.Metadata.Uid ?? "", out _);

    /// <param name="view">What was found; its deployment carries the newest known status.</param>
    /// <param name="cached">The status in the cache, which shows what others did to it.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    public async Task WriteAsync(DeploymentView view, ModelDeploymentStatus? cached, CancellationToken cancellationToken)
    {
        var deployment = view.Deployment;
        var status = StatusBuilder.Build(view, time.GetUtcNow());
        var wanted = ToJson(status);
        if (cached is not null && IsSame(cached, wanted) && (deployment.Status is null || ReferenceEquals(deployment.Status, cached) || IsSame(deployment.Status, wanted)))
        {
            return;
        }
        ModelDeployment answer;
        try
        {
            using var activity = OperatorTracing.Begin("write status");
            answer = await client.ApplyStatusAsync(ModelDeployment.StatusPatch(deployment, status), Options, cancellationToken);
        }
        catch (KubernetesException exception) when (exception.IsNotFound)
        {
            Forget(deployment);
            return;
        }
        _written[deployment.Metadata.Uid ?? ""] = new Written(status, answer.Metadata.ResourceVersion);
        // The watch may have been faster than the answer.
        if (cache.Get(EntityKey.Of(deployment)) is { } present)
            Seen(present);
        foreach (var condition in status.Conditions ?? [])
            Announce(deployment, condition);
    }

    private void Announce(ModelDeployment deployment, V1Condition condition)
    {
        var before = deployment.Status?.Conditions?.Find(known => known.Type == condition.Type);
        if (before?.Status == condition.Status && before?.Reason == condition.Reason)
            return;
        var name = $"{deployment.Metadata.Namespace}/{deployment.Metadata.Name}";
        LogMessages.ConditionChanged(logger, name, condition.Type ?? "", condition.Status ?? "", condition.Reason ?? "", condition.Message ?? "");
        // The first look of a new object says little; Reconciling is the machine's own affair.
        if (condition.Type == ConditionTypes.Reconciling || condition is { Status: "Unknown" } || (before is null && condition.Status == "False"
            && condition.Reason is ConditionReasons.NotStalled or ConditionReasons.ModelNotInspected or ConditionReasons.NotPlanned
                or ConditionReasons.PodsPending or ConditionReasons.Inspecting or ConditionReasons.GroupsStarting))
        {
            return;
        }
        events.Record(deployment, IsTrouble(condition) ? EventType.Warning : EventType.Normal, condition.Reason ?? "", condition.Type ?? "", condition.Message ?? "");
    }

    private static bool IsTrouble(V1Condition condition) => condition.Type == ConditionTypes.Stalled
        ? condition.Status == "True"
        : condition.Status == "False" && condition.Reason is not (ConditionReasons.GroupsStarting or ConditionReasons.PodsPending
            or ConditionReasons.NothingToRun or ConditionReasons.NotPlanned or ConditionReasons.ModelNotInspected or ConditionReasons.Inspecting);

    /// <summary>Maps have no order, so that other bytes may mean the same.</summary>
    private static bool IsSame(ModelDeploymentStatus status, byte[] wanted)
    {
        var bytes = ToJson(status);
        return bytes.AsSpan().SequenceEqual(wanted) || JsonNode.DeepEquals(JsonNode.Parse(bytes), JsonNode.Parse(wanted));
    }

    private static byte[] ToJson(ModelDeploymentStatus status) => JsonSerializer.SerializeToUtf8Bytes(status, EntitiesJsonContext.Default.ModelDeploymentStatus);

    private sealed record Written(ModelDeploymentStatus Status, string? Version);
}
