using GpuStack.Placement.Planning;
using Spectre.Console;

namespace GpuStack.Operator.Reporting;

/// <summary>The nodes that a plan does not use, as a branch of the tree: a line a reason, or a branch where a reason has several messages.</summary>
internal static class RejectionBranch
{
    public static void Add(Tree tree, PlacementPlan plan)
    {
        var used = plan.Groups.SelectMany(group => group.Nodes).Select(node => node.Node).Distinct(StringComparer.Ordinal).Count();
        var unused = plan.Rejected.Sum(rejection => rejection.Nodes);
        var branch = tree.AddNode($"not used: {unused} of {Nodes(used + unused)}");
        var reasons = plan.Rejected.GroupBy(rejection => rejection.Reason, StringComparer.Ordinal)
            .OrderByDescending(reason => reason.Sum(rejection => rejection.Nodes)).ThenBy(reason => reason.Key, StringComparer.Ordinal);
        foreach (var reason in reasons)
        {
            if (reason.Count() == 1)
            {
                branch.AddNode(Markup.Escape($"{reason.Key}, {Line(reason.First())}"));
                continue;
            }

            var several = branch.AddNode($"{reason.Key}, {Nodes(reason.Sum(rejection => rejection.Nodes))}");
            foreach (var rejection in reason)
                several.AddNode(Markup.Escape(Line(rejection)));
        }
    }

    private static string Line(Rejection rejection)
    {
        var more = rejection.Nodes > rejection.Examples.Length ? ", ..." : "";
        return $"{Nodes(rejection.Nodes)} ({string.Join(", ", rejection.Examples)}{more}): {rejection.Message}";
    }

    private static string Nodes(int count) => count == 1 ? "1 node" : $"{count} nodes";
}
