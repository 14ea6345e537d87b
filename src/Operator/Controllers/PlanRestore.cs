using System.Text.Json;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Controllers;

/// <summary>Takes over the plans that an earlier run wrote, before this run decides anything.</summary>
internal sealed class PlanRestore(ClusterView cluster, PlanningDesk desk, ILogger logger)
{
    private readonly Lock _gate = new();
    private bool _done;

    public void Once()
    {
        lock (_gate)
        {
            if (_done)
                return;
            var restored = 0;
            foreach (var deployment in cluster.Deployments.Cache.List())
            {
                var key = new DeploymentKey(deployment.Metadata.Namespace ?? "", deployment.Metadata.Name ?? "");
                foreach (var group in PlansOf(key, deployment.Metadata.Uid))
                {
                    desk.Restore(key, group);
                    restored++;
                }
            }
            _done = true;
            LogMessages.PlansRestored(logger, restored);
        }
    }

    /// <summary>One plan per group: that of the leader's StatefulSet, or else the newest.</summary>
    private IEnumerable<PlannedGroup> PlansOf(DeploymentKey key, string? uid)
    {
        var inForce = cluster.Children<V1StatefulSet>(key)
            .Select(set => set.Metadata.Labels?.GetValueOrDefault(GroupLabels.PlanHash))
            .ToHashSet(StringComparer.Ordinal);
        return cluster.Children<V1ConfigMap>(key)
            .Where(map => map.Metadata.OwnerReferences?.Exists(owner => owner.Uid == uid) is true)
            .OrderBy(map => inForce.Contains(map.Metadata.Labels?.GetValueOrDefault(GroupLabels.PlanHash)) ? 1 : 0)
            .ThenBy(map => map.Metadata.CreationTimestamp)
            .ThenBy(map => map.Metadata.Name, StringComparer.Ordinal)
            .Select(Read)
            .OfType<PlannedGroup>()
            .GroupBy(group => group.Index)
            .Select(same => same.Last());
    }

    private PlannedGroup? Read(V1ConfigMap map)
    {
        try
        {
            return map.Data?.GetValueOrDefault(PlannedGroup.FileName) is { } content
                ? JsonSerializer.Deserialize(content, PlanningJsonContext.Default.PlannedGroup)
                : null;
        }
        catch (JsonException exception)
        {
            LogMessages.PlanUnreadable(logger, map.Metadata.Name ?? "", exception.Message);
            return null;
        }
    }
}
