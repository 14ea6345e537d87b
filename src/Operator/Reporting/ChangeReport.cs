using System.Text.Json.Nodes;
using GpuStack.Operator.Planning.Changes;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Reporting;

/// <summary>What applying a spec would do, as <c>plan</c> prints it: a line a group, or JSON.</summary>
internal static class ChangeReport
{
    /// <summary>A line a group, then the notes.</summary>
    public static IEnumerable<string> Lines(ChangePreview preview) => preview.Groups.Select(Line).Concat(preview.Notes);

    /// <summary>The array <c>changes</c>.</summary>
    public static JsonArray Json(ChangePreview preview) => new([.. preview.Groups.Select(change => (JsonNode)new JsonObject
    {
        ["group"] = change.Group,
        ["action"] = change.Action.ToString(),
        ["from"] = Place(change.From),
        ["to"] = Place(change.To),
        ["reason"] = change.Reason,
    })]);

    private static string Line(GroupChange change) => change.Action switch
    {
        ChangeAction.Unchanged => $"group {change.Group}: unchanged on {Words(change.From)}: {change.Reason}",
        ChangeAction.Restart => $"group {change.Group}: restarts on {Words(change.From)}: {change.Reason}",
        ChangeAction.Move => $"group {change.Group}: moves from {Words(change.From)} to {Words(change.To)}: {change.Reason}",
        ChangeAction.Keep => $"group {change.Group}: stays on {Words(change.From)}: {change.Reason}",
        ChangeAction.Remove => $"group {change.Group}: ends on {Words(change.From)}: {change.Reason}",
        _ when change.To is null => $"group {change.Group}: new, {change.Reason}",
        _ => $"group {change.Group}: new on {Words(change.To)}: {change.Reason}",
    };

    private static string Words(GroupPlan? plan)
    {
        const int most = 6;
        if (plan is null)
            return "nothing";
        var nodes = plan.Nodes.ToArray();
        var shown = string.Join(", ", nodes.Take(most).Select(node => $"{node.Node} ({(node.Gpus == 1 ? "1 GPU" : $"{node.Gpus} GPUs")})"));
        return nodes.Length > most ? $"{shown} and {nodes.Length - most} more" : shown;
    }

    private static JsonObject? Place(GroupPlan? plan) => plan is null ? null : new JsonObject
    {
        ["leader"] = Node(plan.Leader),
        ["workers"] = new JsonArray([.. plan.Workers.Select(worker => (JsonNode)Node(worker))]),
    };

    private static JsonObject Node(PlannedNode node) => new() { ["node"] = node.Node, ["gpus"] = node.Gpus, ["vramBytes"] = node.Vram.Value };
}
