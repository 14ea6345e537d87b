using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>Every kind of nodes of a fleet with the verdict on it: made once for the search and the reasons of one plan.</summary>
internal sealed class FleetSurvey
{
    private FleetSurvey(Fleet fleet, FleetIndex index, PlacementRequest request, IReadOnlyList<SurveyedKind> kinds)
    {
        Fleet = fleet;
        Index = index;
        Request = request;
        Kinds = kinds;
    }

    public Fleet Fleet { get; }

    /// <summary>The index whose cohorts the kinds are. The fleet may forget it and make another, so that cohorts of two surveys are never compared.</summary>
    public FleetIndex Index { get; }

    public PlacementRequest Request { get; }

    public IReadOnlyList<SurveyedKind> Kinds { get; }

    public static FleetSurvey Of(Fleet fleet, PlacementRequest request, HostNeeds needs)
    {
        var eligibility = new Eligibility(request, needs);
        var index = fleet.IndexBy(NodeKinds.KeysOf(request));
        var kinds = new List<SurveyedKind>();
        foreach (var kind in NodeKinds.Of(fleet, index, request))
            kinds.Add(new SurveyedKind(kind, eligibility.Judge(kind.Example)));
        return new FleetSurvey(fleet, index, request, kinds);
    }

    /// <summary>The network domain of a node of the fleet.</summary>
    public string DomainOf(string node) => Index.Keys.DomainOf(Fleet.Find(node)!);
}

/// <summary>Nodes that the request cannot tell apart, and whether it may use them.</summary>
internal sealed record SurveyedKind(NodeKind Kind, Verdict Verdict);
