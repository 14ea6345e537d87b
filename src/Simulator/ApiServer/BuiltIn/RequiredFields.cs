using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Types;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>Reports required fields that are missing; an empty text counts as missing, as it does on a real server, but for the message of a condition.</summary>
internal static class RequiredFields
{
    public static void Check(JsonObject body, FieldShape shape, List<FieldProblem> problems) => Object(body, shape, "", problems);

    private static void Object(JsonObject body, FieldShape shape, string path, List<FieldProblem> problems)
    {
        foreach (var name in shape.Required)
        {
            if (body[name] is null || (name != "message" && body[name].AsText() is ""))
                problems.Add(FieldProblem.Required(Below(path, name)));
        }

        foreach (var (name, value) in body)
        {
            if (name is not "metadata" || path.Length > 0)
                Value(value, shape.Field(name), Below(path, name), problems);
        }
    }

    private static void Value(JsonNode? value, FieldShape shape, string path, List<FieldProblem> problems)
    {
        switch (value)
        {
            case JsonObject fields when shape.Kind == ShapeKind.Object:
                Object(fields, shape, path, problems);
                break;
            case JsonArray items when shape.Item.Kind == ShapeKind.Object:
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is JsonObject item)
                        Object(item, shape.Item, $"{path}[{i}]", problems);
                }

                break;
        }
    }

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
