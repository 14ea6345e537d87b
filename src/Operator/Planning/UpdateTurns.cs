using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Status;

namespace GpuStack.Operator.Planning;

/// <summary>Which outdated groups may be replaced now. Pure.</summary>
internal static class UpdateTurns
{
    /// <summary>
    /// A group that does not serve anyway may be replaced at once; of those that serve, so many that no more than <c>maxUnavailable</c>
    /// groups are down. <c>OnDelete</c> waits until the user has deleted the group's leader. A group without pods is nobody's to wait for.
    /// </summary>
    public static IReadOnlySet<int> Choose(IReadOnlyCollection<GroupView> groups, UpdateStrategySpec strategy, int replicas)
    {
        var turns = new HashSet<int>();
        var outdated = groups.Where(group => group.Outdated || group.Pods.IsEmpty).OrderBy(group => group.Index).ToList();
        if (strategy.Type == UpdateStrategyType.OnDelete)
        {
            turns.UnionWith(outdated
                .Where(group => !group.Pods.Any(pod => pod.Role == Objects.GroupLabels.LeaderRole && !pod.Terminating && !group.IsCurrent(pod)))
                .Select(group => group.Index));
            return turns;
        }
        turns.UnionWith(outdated.Where(group => !group.Ready).Select(group => group.Index));
        var budget = Math.Max(1, Count(strategy.MaxUnavailable, replicas)) - groups.Count(group => !group.Ready);
        foreach (var group in outdated.Where(group => group.Ready).Take(Math.Max(0, budget)))
            turns.Add(group.Index);
        return turns;
    }

    /// <summary>
    /// Whether a group keeps the pods that it has: its plan is for an older spec because the new one fits nowhere, or its turn has not come.
    /// </summary>
    public static bool IsHeld(GroupView group, IReadOnlySet<int> turns, IReadOnlySet<int> broken) =>
        group.Group.InputHash != group.InputHash || (group.Outdated && !turns.Contains(group.Index) && !broken.Contains(group.Index));

    private static int Count(IntOrString value, int replicas) => value.Number
        ?? (int.TryParse(value.Text?.TrimEnd('%'), out var number) ? (value.Text!.EndsWith('%') ? replicas * number / 100 : number) : 1);
}
