using System.Text.Json;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;

namespace GpuStack.Operator.Planning;

/// <summary>Finds a deployment's plans among the ConfigMaps that keep them. Pure.</summary>
internal static class PlansInForce
{
    /// <summary>One plan per group: that of the leader's StatefulSet, or else the newest.</summary>
    /// <param name="uid">The deployment's uid; plans of a deleted deployment of the same name do not count.</param>
    /// <param name="maps">The deployment's ConfigMaps.</param>
    /// <param name="sets">The deployment's StatefulSets.</param>
    /// <param name="unreadable">Told of a ConfigMap whose plan cannot be read, and of why.</param>
    public static IEnumerable<PlannedGroup> Of(
        string? uid, IEnumerable<V1ConfigMap> maps, IEnumerable<V1StatefulSet> sets, Action<V1ConfigMap, JsonException>? unreadable = null)
    {
        var inForce = sets.Select(set => set.Metadata.Labels?.GetValueOrDefault(GroupLabels.PlanHash)).ToHashSet(StringComparer.Ordinal);
        return maps
            .Where(map => map.Metadata.OwnerReferences?.Exists(owner => owner.Uid == uid) is true)
            .OrderBy(map => inForce.Contains(map.Metadata.Labels?.GetValueOrDefault(GroupLabels.PlanHash)) ? 1 : 0)
            .ThenBy(map => map.Metadata.CreationTimestamp)
            .ThenBy(map => map.Metadata.Name, StringComparer.Ordinal)
            .Select(map => Read(map, unreadable))
            .OfType<PlannedGroup>()
            .GroupBy(group => group.Index)
            .Select(same => same.Last());
    }

    /// <summary>The deployment that an object belongs to by its labels; null for strangers.</summary>
    public static DeploymentKey? Owner(IKubernetesObject entity) =>
        entity.Metadata.Labels?.GetValueOrDefault(GroupLabels.Deployment) is { } name
            ? new DeploymentKey(entity.Metadata.Namespace ?? "", name)
            : null;

    private static PlannedGroup? Read(V1ConfigMap map, Action<V1ConfigMap, JsonException>? unreadable)
    {
        try
        {
            return map.Data?.GetValueOrDefault(PlannedGroup.FileName) is { } content
                ? JsonSerializer.Deserialize(content, PlanningJsonContext.Default.PlannedGroup)
                : null;
        }
        catch (JsonException exception)
        {
            unreadable?.Invoke(map, exception);
            return null;
        }
    }
}
