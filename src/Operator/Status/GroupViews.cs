using System.Collections.Immutable;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Status;

/// <summary>Looks at the groups of a deployment: plans beside pods and nodes. Pure.</summary>
internal static class GroupViews
{
    /// <summary>The views, by index.</summary>
    /// <param name="deployment">The deployment whose pods the groups should have.</param>
    /// <param name="plans">The plans in force.</param>
    /// <param name="pods">What is seen of each group's pods.</param>
    /// <param name="inputHash">What the plans should be made for; null when that is not known, and plans count as up to date.</param>
    /// <param name="findNode">Finds a node; null when there is none of that name.</param>
    /// <param name="settings">The installation's settings.</param>
    /// <param name="now">The present.</param>
    public static ImmutableArray<GroupView> Of(
        ModelDeployment deployment,
        IEnumerable<PlannedGroup> plans,
        IReadOnlyDictionary<int, ImmutableArray<PodObservation>> pods,
        string? inputHash,
        Func<string, V1Node?> findNode,
        OperatorSettings settings,
        DateTimeOffset now) =>
    [
        .. plans.Select(plan => new GroupView(
            plan,
            pods.GetValueOrDefault(plan.Index, []),
            NodeHealth.Judge(plan.Plan.Nodes.Select(node => node.Node), findNode, settings.NodeLostToleration, now),
            GroupObjects.TemplateHash(deployment, plan),
            inputHash ?? plan.InputHash,
            GroupObjects.PodsOf(deployment, plan))
        {
            HeadNode = NodeHealth.Judge(HeadNodes(pods.GetValueOrDefault(plan.Index, [])), findNode, settings.NodeLostToleration, now),
        }),
    ];

    /// <summary>A deployment's pods by group.</summary>
    /// <param name="pods">The pods.</param>
    /// <param name="engines">What a pod's supervisor last said; null when nobody was asked.</param>
    public static IReadOnlyDictionary<int, ImmutableArray<PodObservation>> Pods(IEnumerable<V1Pod> pods, Func<V1Pod, EngineReport?>? engines = null) => pods
        .GroupBy(pod => int.TryParse(pod.Metadata.Labels?.GetValueOrDefault(GroupLabels.Group), out var group) ? group : -1)
        .ToDictionary(group => group.Key, group => group.Select(pod => PodObservation.Of(pod, engines?.Invoke(pod))).ToImmutableArray());

    private static IEnumerable<string> HeadNodes(ImmutableArray<PodObservation> pods) =>
        pods.Where(pod => pod is { Role: GroupLabels.HeadRole, Node: not null }).Select(pod => pod.Node!);
}
