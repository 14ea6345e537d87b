using System.Collections.Immutable;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Planning;

/// <summary>
/// Every decided plan, from the moment of the decision until the group is given up. A pod that follows a plan of the ledger is counted by
/// the plan, every other pod by its own requests; so a GPU is promised once only, however long the pods take to appear, and GPUs of a plan
/// that was given up are free only when its pods are gone. Not safe for concurrent use: <see cref="PlanningDesk"/> serialises it.
/// </summary>
internal sealed class PlanLedger
{
    private readonly Dictionary<DeploymentKey, ImmutableSortedDictionary<int, PlannedGroup>> _plans = [];

    /// <summary>Plans of a deployment by group.</summary>
    public ImmutableSortedDictionary<int, PlannedGroup> Of(DeploymentKey deployment) =>
        _plans.GetValueOrDefault(deployment, ImmutableSortedDictionary<int, PlannedGroup>.Empty);

    /// <summary>Adds or replaces a group's plan.</summary>
    public void Set(DeploymentKey deployment, PlannedGroup group) =>
        _plans[deployment] = Of(deployment).SetItem(group.Index, group);

    /// <summary>Forgets a group; true when it had a plan.</summary>
    public bool Remove(GroupKey group)
    {
        var plans = Of(group.Deployment);
        if (!plans.ContainsKey(group.Group))
            return false;
        plans = plans.Remove(group.Group);
        if (plans.IsEmpty)
            _plans.Remove(group.Deployment);
        else
            _plans[group.Deployment] = plans;
        return true;
    }

    /// <summary>Whether a pod with these labels is counted by its plan.</summary>
    public bool Represents(DeploymentKey deployment, int group, string planHash) =>
        Of(deployment).TryGetValue(group, out var plan) && plan.Hash == planHash;

    /// <summary>Deployments that have a plan on a node.</summary>
    public ImmutableArray<DeploymentKey> On(string node) =>
    [
        .. _plans.Where(pair => pair.Value.Values.Any(group => group.Plan.Workers.Prepend(group.Plan.Leader).Any(planned => planned.Node == node)))
            .Select(pair => pair.Key),
    ];

    /// <summary>What all plans take, except those that <paramref name="except"/> covers.</summary>
    public IReadOnlyCollection<AssumedUse> Uses(ExceptedGroups? except = null)
    {
        var uses = new List<AssumedUse>();
        foreach (var (deployment, plans) in _plans)
        {
            foreach (var (index, group) in plans)
            {
                if (except?.Covers(new GroupKey(deployment, index)) is not true)
                    uses.AddRange(group.Plan.Uses());
            }
        }
        return uses;
    }
}
