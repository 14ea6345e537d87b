using System.Collections.Immutable;

namespace GpuStack.Operator.Planning;

/// <summary>
/// Every decided plan, from the moment of the decision until the group is given up; the fleet is told of each change. Not safe for
/// concurrent use: <see cref="PlanningDesk"/> serialises it.
/// </summary>
internal sealed class PlanLedger(FleetSource fleet)
{
    private readonly Dictionary<DeploymentKey, ImmutableSortedDictionary<int, PlannedGroup>> _plans = [];
    private readonly Dictionary<string, HashSet<GroupKey>> _byNode = new(StringComparer.Ordinal);

    /// <summary>Plans of a deployment by group.</summary>
    public ImmutableSortedDictionary<int, PlannedGroup> Of(DeploymentKey deployment) =>
        _plans.GetValueOrDefault(deployment, ImmutableSortedDictionary<int, PlannedGroup>.Empty);

    /// <summary>Adds or replaces a group's plan.</summary>
    public void Set(DeploymentKey deployment, PlannedGroup group)
    {
        var key = new GroupKey(deployment, group.Index);
        var plans = Of(deployment);
        if (plans.TryGetValue(group.Index, out var old))
            Index(key, old, present: false);
        _plans[deployment] = plans.SetItem(group.Index, group);
        Index(key, group, present: true);
        fleet.Follow(key, group);
    }

    /// <summary>Forgets a group.</summary>
    public void Remove(GroupKey group)
    {
        var plans = Of(group.Deployment);
        if (!plans.TryGetValue(group.Group, out var old))
            return;
        Index(group, old, present: false);
        plans = plans.Remove(group.Group);
        if (plans.IsEmpty)
            _plans.Remove(group.Deployment);
        else
            _plans[group.Deployment] = plans;
        fleet.Follow(group, null);
    }

    /// <summary>Deployments that have a plan on a node.</summary>
    public ImmutableArray<DeploymentKey> On(string node) =>
        _byNode.TryGetValue(node, out var groups) ? [.. groups.Select(group => group.Deployment).Distinct()] : [];

    private void Index(GroupKey key, PlannedGroup group, bool present)
    {
        foreach (var planned in group.Plan.Nodes)
        {
            if (!_byNode.TryGetValue(planned.Node, out var groups))
                _byNode[planned.Node] = groups = [];
            if (present)
                groups.Add(key);
            else
                groups.Remove(key);
            if (groups.Count == 0)
                _byNode.Remove(planned.Node);
        }
    }
}
