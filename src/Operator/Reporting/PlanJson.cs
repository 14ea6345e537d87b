using System.Text.Json.Nodes;
using GpuStack.Modeling;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Reporting;

/// <summary>A plan as <c>plan --output json</c> and <c>demo --output json</c> print it. The top level repeats group 0.</summary>
internal static class PlanJson
{
    public static JsonObject Of(PlacementPlan plan)
    {
        var json = Group(plan.Feasible, plan.Engine, plan.Groups.FirstOrDefault());
        json["groups"] = new JsonArray([.. plan.Groups.Select(g => Group(feasible: true, plan.Engine, g))]);
        json["rejected"] = new JsonArray([.. plan.Rejected.Select(Rejection)]);
        json["suggestions"] = new JsonArray([.. plan.Suggestions.Select(Suggestion)]);
        return json;
    }

    private static JsonObject Group(bool feasible, PlacementEngine engine, GroupPlan? group) => new()
    {
        ["feasible"] = feasible,
        ["engine"] = engine.ToString(),
        ["leader"] = group is null ? null : Node(group.Leader),
        ["workers"] = new JsonArray([.. group?.Workers.Select(Node) ?? []]),
        // Only llama.cpp is told a split.
        ["tensorSplit"] = group?.ServingSizes is null ? Layers(group) : [],
        ["layersPerDevice"] = Layers(group),
        ["parallelism"] = group is null ? null : new JsonObject { ["tensor"] = group.Parallelism.Tensor, ["pipeline"] = group.Parallelism.Pipeline },
        ["predictedTokensPerSecond"] = group?.PredictedTokensPerSecond is { } speed ? Math.Round(speed, 2) : null,
        ["predictedPrefillTokensPerSecond"] = group?.PredictedPrefillTokensPerSecond is { } prefill ? Math.Round(prefill, 2) : null,
        ["speedCalibrated"] = group?.SpeedCalibrated,
        ["estimate"] = group is null ? null : MemoryEstimateJson.ToJson(group.Estimate),
    };

    private static JsonArray Layers(GroupPlan? group) => [.. group?.LayersPerDevice.Select(l => (JsonNode?)l) ?? []];

    private static JsonObject Node(PlannedNode node) => new()
    {
        ["node"] = node.Node,
        ["gpus"] = node.Gpus,
        ["vramBytes"] = node.Vram.Value,
    };

    private static JsonObject Rejection(Rejection rejection) => new()
    {
        ["reason"] = rejection.Reason,
        ["message"] = rejection.Message,
        ["nodes"] = rejection.Nodes,
        ["examples"] = new JsonArray([.. rejection.Examples.Select(e => (JsonNode?)e)]),
    };

    private static JsonObject Suggestion(Suggestion suggestion) => new()
    {
        ["change"] = suggestion.Change,
        ["feasible"] = true,
        ["effect"] = suggestion.Effect,
    };
}
