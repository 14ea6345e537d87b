using System.Collections.Immutable;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Report;
using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning;

/// <summary>
/// Decides where the groups of a deployment run. Pure: equal input, equal plan, whatever its order.
/// Replicas are planned one after another, each on what the ones before left over; nodes equal to the request are one class
/// (<see cref="ClassTable"/>), the search works on classes (<see cref="GroupSearch"/>), and what is not used is explained
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
        if (request.Launch is not LlamaCppLaunch launch)
            return new PlacementPlan { Feasible = false, Engine = request.Engine, Message = $"Engine {request.Engine} is not planned yet; use LlamaCpp." };
        var workload = new Workload(request, launch);
        var groups = Groups(fleet, workload, assumed);
        var feasible = groups.Length == request.Replicas;
        var report = new RejectionReport(fleet, workload, new UseTable(assumed), groups, feasible);
        var rejected = report.Rejections();
        return new PlacementPlan
        {
            Feasible = feasible,
            Engine = request.Engine,
            Groups = groups,
            Rejected = rejected,
            Suggestions = feasible ? [] : new SuggestionSearch(fleet, request, assumed).Find(groups.Length),
            Message = feasible ? "" : report.Summary(),
        };
    }

    /// <summary>The groups that find a place, without reasons and suggestions.</summary>
    internal static ImmutableArray<GroupPlan> Groups(Fleet fleet, Workload workload, IReadOnlyCollection<AssumedUse> assumed)
    {
        var request = workload.Request;
        var uses = new UseTable(assumed);
        var groups = ImmutableArray.CreateBuilder<GroupPlan>();
        while (groups.Count < request.Replicas && FindGroup(fleet, workload, uses) is { } candidate)
        {
            var group = GroupPlanBuilder.Build(workload, candidate, groups.Count);
            foreach (var use in group.Uses())
                uses.Add(use);
            groups.Add(group);
        }

        return groups.ToImmutable();
    }

    private static Candidate? FindGroup(Fleet fleet, Workload workload, UseTable uses)
    {
        var table = ClassTable.Build(fleet, workload, uses, withHost: false);
        var found = new GroupSearch(workload, [.. table.Classes], table.Domains).Find();
        if (found is not null || !workload.Request.CpuOffload)
            return found;
        table = ClassTable.Build(fleet, workload, uses, withHost: true);
        return new GroupSearch(workload, [.. table.Classes], table.Domains).FindWithHost();
    }
}
