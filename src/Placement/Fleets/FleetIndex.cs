using System.Collections.Immutable;

namespace GpuStack.Placement.Fleets;

/// <summary>
/// A fleet's nodes in cohorts. Immutable and persistent: the change of a node moves one name, whatever the number of nodes, so that a plan
/// looks at each kind of node once and at no other.
/// </summary>
internal sealed class FleetIndex
{
    private readonly ImmutableDictionary<NodeProfile, NodeCohort> _cohorts;

    private FleetIndex(LabelKeys keys, ImmutableDictionary<NodeProfile, NodeCohort> cohorts)
    {
        Keys = keys;
        _cohorts = cohorts;
    }

    /// <summary>The labels that tell cohorts apart.</summary>
    public LabelKeys Keys { get; }

    /// <summary>The cohorts, in no order.</summary>
    public IEnumerable<NodeCohort> Cohorts => _cohorts.Values;

    /// <summary>Indexes nodes, which are sorted by name.</summary>
    public static FleetIndex Of(LabelKeys keys, IEnumerable<FleetNode> nodes)
    {
        var found = new Dictionary<NodeProfile, (FleetNode Example, List<(string, string)> Names)>();
        foreach (var node in nodes)
        {
            var profile = new NodeProfile(node, keys);
            if (!found.TryGetValue(profile, out var cohort))
                found[profile] = cohort = (node, []);
            cohort.Names.Add((node.Name, keys.DomainOf(node)));
        }

        return new FleetIndex(keys, found.ToImmutableDictionary(p => p.Key, p => NodeCohort.Of(p.Value.Example, p.Value.Names)));
    }

    /// <summary>The cohort that a node of the fleet belongs to.</summary>
    public NodeCohort CohortOf(FleetNode node) => _cohorts[new NodeProfile(node, Keys)];

    /// <summary>The index after a node went (<paramref name="old"/>), came (<paramref name="changed"/>), or changed (both).</summary>
    public FleetIndex Replace(FleetNode? old, FleetNode? changed)
    {
        var before = old is null ? null : new NodeProfile(old, Keys);
        var after = changed is null ? null : new NodeProfile(changed, Keys);
        if (before is not null && before.Equals(after) && Keys.DomainOf(old!) == Keys.DomainOf(changed!))
            return this;
        var cohorts = _cohorts;
        if (before is not null)
        {
            var left = cohorts[before].Without(old!.Name, Keys.DomainOf(old));
            cohorts = left.Names.IsEmpty ? cohorts.Remove(before) : cohorts.SetItem(before, left);
        }

        if (after is not null)
        {
            var cohort = cohorts.TryGetValue(after, out var present) ? present : NodeCohort.Empty(changed!);
            cohorts = cohorts.SetItem(after, cohort.With(changed!.Name, Keys.DomainOf(changed)));
        }

        return new FleetIndex(Keys, cohorts);
    }
}
