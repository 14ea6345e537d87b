using System.Collections.Immutable;
using GpuStack.Operator.Status;

namespace GpuStack.Operator.Planning;

/// <summary>Groups that cannot run where they are planned. Pure.</summary>
internal static class BrokenGroups
{
    /// <summary>A node of the plan is lost, or the scheduler has refused a pod for longer than the toleration.</summary>
    public static ImmutableHashSet<int> Find(IEnumerable<GroupView> groups, TimeSpan unschedulableToleration, DateTimeOffset now) =>
    [
        .. groups
            .Where(group => !group.Nodes.Lost.IsEmpty || group.Pods.Any(pod => IsRefused(pod, unschedulableToleration, now)))
            .Select(group => group.Index),
    ];

    /// <summary>
    /// The nodes whose GPUs, processors or memory somebody has taken whom the operator does not see: the scheduler has refused a pod of the
    /// present plan for longer than the toleration, by the words for that, and no pod of the group is bound there. By group.
    /// </summary>
    public static ImmutableDictionary<int, ImmutableArray<string>> Full(IEnumerable<GroupView> groups, TimeSpan unschedulableToleration, DateTimeOffset now) => groups
        .Where(group => group.Pods.Any(pod => IsFull(pod) && pod.PlanHash == group.Group.Hash && IsRefused(pod, unschedulableToleration, now)))
        .ToImmutableDictionary(
            group => group.Index,
            group => group.Group.Plan.Nodes.Select(node => node.Node).Except(group.Pods.Select(pod => pod.Node ?? ""), StringComparer.Ordinal).ToImmutableArray());

    private static bool IsRefused(PodObservation pod, TimeSpan unschedulableToleration, DateTimeOffset now) => pod.UnschedulableSince + unschedulableToleration <= now;

    /// <summary>Pods are bound to their nodes by affinity, which is asked first: what a node lacks is said of the pod's own.</summary>
    private static bool IsFull(PodObservation pod) => !pod.Terminating && pod.Message?.Contains(" Insufficient ", StringComparison.Ordinal) is true;
}
