using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>All that a plan says, as one text to compare.</summary>
internal static class PlanText
{
    public static string Of(PlacementPlan plan) => string.Join('\n',
    [
        $"{plan.Feasible} {plan.Message}",
        .. plan.Groups.Select(g => $"{g.Hash} {g.Leader.Node} {string.Join(',', g.Workers.Select(w => w.Node))} {g.PredictedTokensPerSecond:R}"),
        .. plan.Rejected.Select(r => $"{r.Reason} {r.Nodes} {string.Join(',', r.Examples)} {r.Message}"),
        .. plan.Suggestions.Select(s => $"{s.Change} {s.Effect}"),
    ]);
}
