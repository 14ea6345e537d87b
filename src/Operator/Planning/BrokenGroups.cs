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
            .Where(group => !group.Nodes.Lost.IsEmpty || group.Pods.Any(pod => pod.UnschedulableSince + unschedulableToleration <= now))
            .Select(group => group.Index),
    ];
}
