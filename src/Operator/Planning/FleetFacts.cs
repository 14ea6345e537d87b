using System.Collections.Immutable;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Placement.Fleets;

namespace GpuStack.Operator.Planning;

/// <summary>What the planner needs of nodes and pods. Pure.</summary>
public static class FleetFacts
{
    private const string Cpu = "cpu";

    /// <summary>A node's facts.</summary>
    public static NodeFacts From(V1Node node) => new()
    {
        Name = node.Metadata.Name ?? "",
        Labels = node.Metadata.Labels ?? [],
        Annotations = node.Metadata.Annotations ?? [],
        Allocatable = node.Status?.Allocatable?.ToDictionary(pair => pair.Key, pair => Units(pair.Key, pair.Value), StringComparer.Ordinal) ?? [],
        Taints = [.. (node.Spec?.Taints ?? []).Select(taint => new NodeTaint(taint.Key ?? "", taint.Value ?? "", taint.Effect ?? ""))],
        Ready = IsReady(node),
        Unschedulable = node.Spec?.Unschedulable ?? false,
    };

    /// <summary>A pod's facts; null when it holds nothing: not bound to a node yet, or finished.</summary>
    public static PodFacts? From(V1Pod pod)
    {
        if (pod.Spec?.NodeName is not { Length: > 0 } node || pod.Status?.Phase is "Succeeded" or "Failed")
            return null;
        var labels = pod.Metadata.Labels;
        return new PodFacts
        {
            Namespace = pod.Metadata.Namespace ?? "",
            Name = pod.Metadata.Name ?? "",
            Node = node,
            Requests = PodRequests.Effective(pod.Spec).ToDictionary(pair => pair.Key, pair => Units(pair.Key, pair.Value), StringComparer.Ordinal),
            Deployment = labels?.GetValueOrDefault(GroupLabels.Deployment) is { } deployment ? $"{pod.Metadata.Namespace}/{deployment}" : null,
            Group = int.TryParse(labels?.GetValueOrDefault(GroupLabels.Group), out var group) ? group : null,
        };
    }

    /// <summary>Whether the node's kubelet says that it is Ready; a node that says nothing is not.</summary>
    public static bool IsReady(V1Node node) =>
        node.Status?.Conditions?.Find(condition => condition.Type is "Ready")?.Status is "True";

    /// <summary>CPU in thousandths, everything else in whole units; amounts that overflow are capped, for they come from strangers.</summary>
    private static long Units(string resource, Quantity quantity)
    {
        try
        {
            return resource == Cpu ? quantity.ToMilli() : quantity.ToInt64();
        }
        catch (OverflowException)
        {
            return long.MaxValue / 4;
        }
    }
}
