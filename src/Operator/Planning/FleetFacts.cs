using System.Collections.Immutable;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Placement.Fleets;

namespace GpuStack.Operator.Planning;

/// <summary>What the planner needs of nodes and pods. Pure.</summary>
public static class FleetFacts
{
    private const string Cpu = "cpu";

    /// <summary>The facts of all nodes.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="slices">What they offer by dynamic resource allocation.</param>
    public static IEnumerable<NodeFacts> Nodes(IEnumerable<V1Node> nodes, IEnumerable<V1ResourceSlice> slices)
    {
        var gpus = DraGpus.ByNode(slices.Select(slice => slice.Spec));
        return nodes.Select(node => Node(node, gpus.TryGetValue(node.Metadata.Name ?? "", out var count) ? count : null));
    }

    /// <summary>A node's facts, when nothing says what it offers by dynamic resource allocation.</summary>
    public static NodeFacts From(V1Node node) => Node(node, draGpus: null);

    /// <summary>A node's facts.</summary>
    /// <param name="node">The node.</param>
    /// <param name="draGpus">GPUs that it offers by dynamic resource allocation; null when nothing says.</param>
    public static NodeFacts Node(V1Node node, int? draGpus) => new()
    {
        Name = node.Metadata.Name ?? "",
        Labels = node.Metadata.Labels ?? [],
        Annotations = node.Metadata.Annotations ?? [],
        Allocatable = node.Status?.Allocatable?.ToDictionary(pair => pair.Key, pair => Units(pair.Key, pair.Value), StringComparer.Ordinal) ?? [],
        Taints = [.. (node.Spec?.Taints ?? []).Select(taint => new NodeTaint(taint.Key ?? "", taint.Value ?? "", taint.Effect ?? ""))],
        Ready = IsReady(node),
        Unschedulable = node.Spec?.Unschedulable ?? false,
        DraGpus = draGpus,
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
            HostPorts = [.. HostPorts.Of(pod.Spec).Distinct().Select(port => new HostPort(port, $"pod {pod.Metadata.Namespace}/{pod.Metadata.Name}"))],
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
