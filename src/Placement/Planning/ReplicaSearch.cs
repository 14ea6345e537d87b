using System.Collections.Immutable;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning;

/// <summary>
/// Places the replicas of a request together. Each takes its best place on what the ones before left over. Where that leaves some without
/// a place, other places are tried for the earlier ones, each time without one of the nodes that the best place uses: the two largest
/// nodes, say, may serve one group or help in two. The number of places looked for is bounded, and many replicas are placed one by one only.
/// </summary>
internal sealed class ReplicaSearch
{
    /// <summary>Places looked for beyond one per replica, and the most replicas that others are looked for.</summary>
    private const int MaxFurtherPlaces = 64;

    private readonly PlacementRequest _request;
    private ImmutableArray<GroupPlan> _most = [];
    private int _places;

    public ReplicaSearch(PlacementRequest request)
    {
        _request = request;
        _places = request.Replicas + MaxFurtherPlaces;
    }

    /// <summary>The groups that find a place: all of them, or as many as could be had.</summary>
    /// <param name="survey">The fleet.</param>
    /// <param name="finder">The finder that the survey was made for.</param>
    public ImmutableArray<GroupPlan> Find(FleetSurvey survey, GroupFinder finder)
    {
        _most = OneByOne(survey, finder);
        if (_most.Length < _request.Replicas && _request.Replicas <= MaxFurtherPlaces)
            Place(survey, finder, []);
        return _most;
    }

    /// <summary>Each replica in its best place on what the ones before left over.</summary>
    private ImmutableArray<GroupPlan> OneByOne(FleetSurvey survey, GroupFinder finder)
    {
        var groups = ImmutableArray.CreateBuilder<GroupPlan>();
        while (groups.Count < _request.Replicas && finder.Find(survey, groups.Count) is { } group)
        {
            groups.Add(group);
            if (groups.Count < _request.Replicas)
                (survey, finder) = After(survey.Fleet, groups, finder);
        }

        return groups.ToImmutable();
    }

    /// <summary>Places the groups from one on; true when all have a place.</summary>
    private bool Place(FleetSurvey survey, GroupFinder finder, ImmutableArray<GroupPlan> placed)
    {
        if (placed.Length > _most.Length)
            _most = placed;
        if (placed.Length >= _request.Replicas)
            return true;
        if (Next(survey, finder, placed.Length) is not { } best)
            return false;
        if (Further(survey.Fleet, placed.Add(best), finder))
            return true;
        foreach (var node in best.Nodes)
        {
            if (_places <= 0)
                return false;
            var without = FleetSurvey.Of(survey.Fleet.Without(node.Node), survey.Request, finder.Needs);
            if (Next(without, finder, placed.Length) is { } other && Further(survey.Fleet, placed.Add(other), finder))
                return true;
        }

        return false;
    }

    private bool Further(Fleet fleet, ImmutableArray<GroupPlan> placed, GroupFinder before)
    {
        if (placed.Length >= _request.Replicas)
        {
            _most = placed;
            return true;
        }

        var (survey, finder) = After(fleet, placed, before);
        return Place(survey, finder, placed);
    }

    /// <summary>What a further group finds: the fleet without what the last one took, and volumes that others have.</summary>
    private (FleetSurvey Survey, GroupFinder Finder) After(Fleet fleet, IReadOnlyList<GroupPlan> placed, GroupFinder before)
    {
        var request = _request.Beside(_request.Volumes.IsEmpty ? [] : [.. placed.Select(group => group.Leader.Node)]);
        // What a finder has worked out holds as long as the request is the same.
        var finder = ReferenceEquals(request, before.Request) ? before : GroupFinder.Of(request)!;
        return (FleetSurvey.Of(fleet.Taking(placed[^1].Uses()), request, finder.Needs), finder);
    }

    private GroupPlan? Next(FleetSurvey survey, GroupFinder finder, int index) => --_places < 0 ? null : finder.Find(survey, index);
}
