using System.Collections.Frozen;
using System.Collections.Immutable;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Volumes;

namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Divides a fleet into the kinds of nodes that a request can tell apart: the fleet's cohorts, out of which the nodes that the request
/// names (as leader, or because a volume is there) are taken as kinds of their own.
/// </summary>
internal static class NodeKinds
{
    private static readonly ImmutableArray<string> s_usualDomains = ["topology.kubernetes.io/rack", "topology.kubernetes.io/zone"];

    /// <summary>The labels, and the host ports, that a request looks at.</summary>
    public static LabelKeys KeysOf(PlacementRequest request) => new(
        request.NodeSelector.Keys.Concat(VolumesOf(request).SelectMany(volume => volume.Keys)),
        request.TopologyKey is { } key ? [key] : s_usualDomains)
    {
        HostPorts = request.HostNetwork ? [.. request.LeaderHostPorts.Concat(request.WorkerHostPorts).Distinct().Order()] : [],
    };

    /// <summary>The kinds, in no order; every node belongs to one.</summary>
    public static IEnumerable<NodeKind> Of(Fleet fleet, FleetIndex index, PlacementRequest request)
    {
        var named = new Dictionary<NodeCohort, HashSet<string>>(ReferenceEqualityComparer.Instance);
        var names = false;
        foreach (var name in NamedBy(request))
        {
            names = true;
            if (fleet.Find(name) is not { } node)
                continue;
            var cohort = index.CohortOf(node);
            if (!named.TryGetValue(cohort, out var taken))
                named[cohort] = taken = new HashSet<string>(StringComparer.Ordinal);
            if (!taken.Add(name))
                continue;
            var alone = NodeCohort.Empty(node).With(name, index.Keys.DomainOf(node));
            yield return new NodeKind(node, alone.Names, alone.ByDomain, FrozenSet<string>.Empty, Forced: name == request.LeaderNode, Named: true);
        }

        foreach (var cohort in index.Cohorts)
        {
            var except = named.TryGetValue(cohort, out var taken) ? taken.ToFrozenSet(StringComparer.Ordinal) : FrozenSet<string>.Empty;
            if (cohort.Names.Count == except.Count)
                continue;
            // Where names matter, the example must not bear one that the request names.
            var example = names ? fleet.Find(cohort.Names.First(name => !except.Contains(name)))! : cohort.Example;
            yield return new NodeKind(example, cohort.Names, cohort.ByDomain, except, Forced: false, Named: false);
        }
    }

    /// <summary>How many of the names stand in each cohort, found by the cohort's set of names; those that the request names are not counted.</summary>
    public static IReadOnlyDictionary<object, int> CountByCohort(FleetSurvey survey, IEnumerable<string> names)
    {
        var named = NamedBy(survey.Request).ToHashSet(StringComparer.Ordinal);
        var counts = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        foreach (var name in names)
        {
            if (named.Contains(name))
                continue;
            var cohort = survey.Index.CohortOf(survey.Fleet.Find(name)!).Names;
            counts[cohort] = counts.GetValueOrDefault(cohort) + 1;
        }

        return counts;
    }

    private static IEnumerable<VolumeConstraint> VolumesOf(PlacementRequest request) => request.Volumes.Concat(request.WorkerClaims.Claims);

    private static IEnumerable<string> NamedBy(PlacementRequest request)
    {
        if (request.LeaderNode is { } leader)
            yield return leader;
        foreach (var volume in VolumesOf(request))
        {
            foreach (var name in volume.Alternatives.SelectMany(term => term.Names).SelectMany(requirement => requirement.Values))
                yield return name;
        }
    }
}
