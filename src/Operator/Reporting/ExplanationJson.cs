using System.Text.Json.Nodes;
using GpuStack.Placement.Planning;

namespace GpuStack.Operator.Reporting;

/// <summary>What <c>plan --explain NODE --output json</c> says of the nodes asked about: the array <c>explanations</c>, in their order.</summary>
internal static class ExplanationJson
{
    public static JsonArray Of(IEnumerable<NodeExplanation> explanations) => new([.. explanations.Select(explanation => (JsonNode)new JsonObject
    {
        ["node"] = explanation.Node,
        ["chosen"] = explanation.Chosen,
        ["reason"] = explanation.Reason,
        ["message"] = explanation.Message,
    })]);
}
