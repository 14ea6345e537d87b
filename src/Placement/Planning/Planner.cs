using System.Collections.Immutable;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Report;
using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning;

/// <summary>
/// Decides where the groups of a deployment run. Pure: equal input, equal plan, whatever its order.
/// Replicas are placed together (<see cref="ReplicaSearch"/>); nodes equal to the request are one class
/// (<see cref="ClassTable"/>), the engine's search works on classes (<see cref="GroupFinder"/>), and what is not used is explained
/// (<see cref="RejectionReport"/>). When not all replicas fit, changes are tried with the planner itself
/// (<see cref="SuggestionSearch"/>).
/// </summary>
public static class Planner
{
    /// <summary>Plans all replicas of a request.</summary>
    /// <param name="fleet">The fleet as it is.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="assumed">What earlier plans take and the fleet does not show yet.</param>
    /// <returns>The plan; when not feasible, with the groups that do fit, reasons and suggestions.</returns>
    public static PlacementPlan Plan(Fleet fleet, PlacementRequest request, IReadOnlyCollection<AssumedUse> assumed)
    {
        var left = fleet.Taking(assumed);
        var plan = Decide(left, request);
        return plan with { Suggestions = Suggest(left, request, plan) };
    }

    /// <summary>Plans all replicas of a request, without looking for changes that would help: what must be quick, and is enough when all fit.</summary>
    /// <param name="fleet">The fleet as it is, without what earlier plans take.</param>
    /// <param name="request">What is wanted.</param>
    /// <returns>The plan; when not feasible, with the groups that do fit and the reasons.</returns>
    public static PlacementPlan Decide(Fleet fleet, PlacementRequest request)
    {
        if (GroupFinder.Of(request) is not { } finder)
            return new PlacementPlan { Feasible = false, Engine = request.Engine, Message = $"Engine {request.Engine} is not planned yet; use LlamaCpp." };
        var survey = FleetSurvey.Of(fleet, request, finder.Needs);
        var groups = new ReplicaSearch(request).Find(survey, finder);
        var feasible = groups.Length == request.Replicas;
        var report = new RejectionReport(survey, finder, groups, feasible);
        var rejected = report.Rejections();
        return new PlacementPlan
        {
            Feasible = feasible,
            Engine = request.Engine,
            Groups = groups,
            Rejected = rejected,
            Message = feasible ? "" : report.Summary(),
        };
    }

    /// <summary>Finds changes that make an infeasible plan fit, by planning with each; many times the work of the plan itself.</summary>
    /// <param name="fleet">The fleet that the plan was decided on.</param>
    /// <param name="request">What was wanted.</param>
    /// <param name="plan">What <see cref="Decide"/> answered.</param>
    /// <returns>The changes, those that cost least first; none for a feasible plan.</returns>
    public static ImmutableArray<Suggestion> Suggest(Fleet fleet, PlacementRequest request, PlacementPlan plan) =>
        plan.Feasible || GroupFinder.Of(request) is not { } finder
            ? []
            : new SuggestionSearch(FleetSurvey.Of(fleet, request, finder.Needs)).Find(plan.Groups.Length);

    /// <summary>Says of any node why it was chosen, or was not.</summary>
    /// <param name="fleet">The fleet that the plan was decided on.</param>
    /// <param name="request">What was wanted.</param>
    /// <param name="plan">What was decided.</param>
    /// <param name="node">The node's name; unknown names are answered too.</param>
    /// <returns>The reason, with numbers.</returns>
    public static NodeExplanation Explain(Fleet fleet, PlacementRequest request, PlacementPlan plan, string node) =>
        GroupFinder.Of(request) is { } finder
            ? new NodeExplainer(FleetSurvey.Of(fleet, request, finder.Needs), finder, plan).Explain(node)
            : new NodeExplanation(node, Chosen: false, RejectionReasons.Constraint, plan.Message);

    /// <summary>The groups that find a place, without reasons and suggestions.</summary>
    internal static ImmutableArray<GroupPlan> Groups(Fleet fleet, PlacementRequest request) =>
        GroupFinder.Of(request) is { } finder ? new ReplicaSearch(request).Find(FleetSurvey.Of(fleet, request, finder.Needs), finder) : [];
}
