using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Objects;
using GpuStack.Operator.Status;

namespace GpuStack.Operator.Planning;

/// <summary>Which outdated groups may be replaced now. Pure.</summary>
internal static class UpdateTurns
{
    /// <summary>
    /// A group that does not serve anyway may be replaced at once; of those that serve, so many that as many as <c>maxUnavailable</c> allows
    /// go on, further groups of the update included. <c>OnDelete</c> waits until the user has deleted the group's leader. A group without pods
    /// is nobody's to wait for.
    /// </summary>
    /// <param name="groups">The groups.</param>
    /// <param name="strategy">How many may be down, and how many more there may be.</param>
    /// <param name="replicas">Groups wanted.</param>
    /// <param name="hasRoom">Whether a further group of the update may find a place yet, so that nothing needs to go down for a beginning.</param>
    public static IReadOnlySet<int> Choose(IReadOnlyCollection<GroupView> groups, UpdateStrategySpec strategy, int replicas, bool hasRoom = false)
    {
        var turns = new HashSet<int>();
        var outdated = groups.Where(group => group.Outdated || group.Pods.IsEmpty).OrderBy(group => group.Index).ToList();
        if (strategy.Type == UpdateStrategyType.OnDelete)
        {
            turns.UnionWith(outdated
                .Where(group => !group.Pods.Any(pod => pod.Role == GroupLabels.LeaderRole && !pod.Terminating && !group.IsCurrent(pod)))
                .Select(group => group.Index));
            return turns;
        }
        turns.UnionWith(outdated.Where(group => !group.Ready).Select(group => group.Index));
        var down = Count(strategy.MaxUnavailable, replicas, roundUp: false);
        // Without a further group an update that lets nothing go down would never begin.
        if (!hasRoom && !groups.Any(group => group.Index >= replicas))
            down = Math.Max(1, down);
        // A replica that has no place yet serves nobody, and must not keep the others from an update that may give it one.
        var budget = groups.Count(group => group.Ready) - (groups.Count(group => group.Index < replicas) - down);
        foreach (var group in outdated.Where(group => group.Ready).Take(Math.Max(0, budget)))
            turns.Add(group.Index);
        return turns;
    }

    /// <summary>
    /// How many further groups an update may have now: <c>maxSurge</c> from when a serving group is outdated until all groups that are wanted
    /// serve by the present spec. One that does not serve is replaced at once: a further group would take GPUs for nothing, and fail as it does.
    /// </summary>
    public static int Surge(IReadOnlyCollection<GroupView> groups, UpdateStrategySpec strategy, int replicas)
    {
        if (strategy.Type == UpdateStrategyType.OnDelete)
            return 0;
        var wanted = groups.Where(group => group.Index < replicas).ToList();
        var updating = wanted.Exists(group => group.Outdated && group.Ready)
            || (groups.Any(group => group.Index >= replicas) && wanted.Exists(group => !group.Ready));
        return updating ? MostFurther(strategy, replicas) : 0;
    }

    /// <summary>How many further groups an update may ever have.</summary>
    public static int MostFurther(UpdateStrategySpec strategy, int replicas) =>
        strategy.Type == UpdateStrategyType.OnDelete ? 0 : Count(strategy.MaxSurge, replicas, roundUp: true);

    /// <summary>
    /// Whether a group keeps the pods that it has: its plan is for an older spec because the new one fits nowhere, or its turn has not come.
    /// </summary>
    public static bool IsHeld(GroupView group, IReadOnlySet<int> turns, IReadOnlySet<int> broken) =>
        group.Group.InputHash != group.InputHash || (group.Outdated && !turns.Contains(group.Index) && !broken.Contains(group.Index));

    /// <summary>A number, or a share of the replicas: rounded as Deployments do.</summary>
    private static int Count(IntOrString value, int replicas, bool roundUp)
    {
        if (value.Number is { } count)
            return count;
        if (!int.TryParse(value.Text?.TrimEnd('%'), out var number))
            return roundUp ? 0 : 1;
        return !value.Text!.EndsWith('%') ? number : ((replicas * number) + (roundUp ? 99 : 0)) / 100;
    }
}
