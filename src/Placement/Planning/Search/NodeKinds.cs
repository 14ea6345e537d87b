using System.Collections.Immutable;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>Nodes that a request judges alike: a cohort of the fleet, or the part of one that the request can tell apart.</summary>
/// <param name="Example">Stands for all of them.</param>
/// <param name="Names">Their names, sorted.</param>
/// <param name="ByDomain">The same names by network domain.</param>
/// <param name="Except">A name among them that does not belong here; null for none.</param>
/// <param name="Forced">The node named by <c>placement.leader.nodeName</c>.</param>
internal sealed record NodeKind(
    FleetNode Example, ImmutableSortedSet<string> Names, ImmutableSortedDictionary<string, ImmutableSortedSet<string>> ByDomain, string? Except, bool Forced)
{
    public int Count => Names.Count - (Except is null ? 0 : 1);
}

/// <summary>Divides a fleet into the kinds of nodes that a request can tell apart.</summary>
internal static class NodeKinds
{
    private static readonly ImmutableArray<string> s_usualDomains = ["topology.kubernetes.io/rack", "topology.kubernetes.io/zone"];

    /// <summary>The labels that a request looks at.</summary>
    public static LabelKeys KeysOf(PlacementRequest request) =>
        new(request.NodeSelector.Keys, request.TopologyKey is { } key ? [key] : s_usualDomains);

    /// <summary>How many of the names stand in each cohort, found by the cohort's set of names; the leader named by the user is not counted.</summary>
    public static IReadOnlyDictionary<object, int> CountByCohort(Fleet fleet, PlacementRequest request, IEnumerable<string> names)
    {
        var index = fleet.IndexBy(KeysOf(request));
        var counts = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        foreach (var name in names)
        {
            if (name == request.LeaderNode)
                continue;
            var cohort = index.CohortOf(fleet.Find(name)!).Names;
            counts[cohort] = counts.GetValueOrDefault(cohort) + 1;
        }

        return counts;
    }

    public static IEnumerable<NodeKind> Of(Fleet fleet, PlacementRequest request)
    {
        var index = fleet.IndexBy(KeysOf(request));
        var leader = request.LeaderNode is { } name ? fleet.Find(name) : null;
        var leaders = leader is null ? null : index.CohortOf(leader);
        foreach (var cohort in index.Cohorts)
        {
            if (!ReferenceEquals(cohort, leaders))
            {
                yield return new NodeKind(cohort.Example, cohort.Names, cohort.ByDomain, null, Forced: false);
                continue;
            }

            var alone = NodeCohort.Empty(leader!).With(leader!.Name, index.Keys.DomainOf(leader));
            yield return new NodeKind(leader, alone.Names, alone.ByDomain, null, Forced: true);
            if (cohort.Names.Count > 1)
                yield return new NodeKind(cohort.Example, cohort.Names, cohort.ByDomain, leader.Name, Forced: false);
        }
    }
}
