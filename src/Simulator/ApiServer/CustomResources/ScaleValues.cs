using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Registry;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.CustomResources;

/// <summary>What the scale subresource asks of the object it reads: replicas is a number from 0 to 2^31 - 1.</summary>
internal static class ScaleValues
{
    public static FieldProblem? Check(JsonObject body, ScalePaths scale)
    {
        JsonNode? found = body;
        foreach (var field in scale.SpecReplicas)
            found = found is JsonObject fields ? fields[field] : null;
        if (found is null)
            return null;
        var path = "." + string.Join('.', scale.SpecReplicas);
        return found.AsLong() switch
        {
            null => FieldProblem.Invalid(path, "0", $"{path} accessor error: {Text(found)} is of the type {GoType(found)}, expected int64"),
            < 0 and var negative => FieldProblem.Invalid(path, $"{negative}", "should be a non-negative integer"),
            > int.MaxValue and var large => FieldProblem.Invalid(path, $"{large}", $"should be less than or equal to {int.MaxValue}"),
            _ => null,
        };
    }

    private static string Text(JsonNode value) => value.AsText() ?? value.ToJsonString(JsonText.Options);

    private static string GoType(JsonNode value) => value.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.String => "string",
        System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "bool",
        System.Text.Json.JsonValueKind.Array => "[]interface {}",
        System.Text.Json.JsonValueKind.Object => "map[string]interface {}",
        _ => "float64",
    };
}
