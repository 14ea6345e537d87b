using System.Text.Json.Nodes;

namespace GpuStack.Entities.Tests.Generation;

/// <summary>Visits each schema of a schema with its path.</summary>
internal static class SchemaWalk
{
    public static void Visit(JsonObject schema, string path, Action<string, JsonObject> visit)
    {
        visit(path, schema);
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
            Visit(property!.AsObject(), path.Length == 0 ? name : $"{path}.{name}", visit);
        if (schema["items"] is JsonObject items) Visit(items, path + "[]", visit);
        if (schema["additionalProperties"] is JsonObject values) Visit(values, path + "[]", visit);
    }
}
