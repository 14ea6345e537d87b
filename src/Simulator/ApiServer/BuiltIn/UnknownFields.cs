using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Types;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>Finds fields that a type does not have.</summary>
internal static class UnknownFields
{
    public static IReadOnlyList<string> Find(JsonObject body, FieldShape shape)
    {
        var unknown = new List<string>();
        Walk(body, shape, "", unknown);
        return unknown;
    }

    private static void Walk(JsonNode? value, FieldShape shape, string path, List<string> unknown)
    {
        if (value is JsonArray items)
        {
            for (var i = 0; i < items.Count && shape.Item.Kind != ShapeKind.Any; i++)
                Walk(items[i], shape.Item, $"{path}[{i}]", unknown);
            return;
        }

        if (value is not JsonObject fields || shape.Kind is not (ShapeKind.Object or ShapeKind.Map))
            return;
        foreach (var (name, child) in fields)
        {
            if (shape.Kind == ShapeKind.Object && !shape.Fields.ContainsKey(name))
                unknown.Add(path.Length == 0 ? name : $"{path}.{name}");
            else if (child is JsonObject or JsonArray)
                Walk(child, shape.Field(name), path.Length == 0 ? name : $"{path}.{name}", unknown);
        }
    }
}
