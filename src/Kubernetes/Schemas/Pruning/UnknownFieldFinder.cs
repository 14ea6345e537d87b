using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Schemas.Pruning;

/// <summary>Finds the fields that a schema does not know, and removes them when asked to.</summary>
internal static class UnknownFieldFinder
{
    public static IReadOnlyList<UnknownField> Find(SchemaNode schema, JsonNode? value)
    {
        List<UnknownField>? found = null;
        Walk(schema, value, "", remove: false, ref found);
        found?.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return found ?? [];
    }

    public static void Remove(SchemaNode schema, JsonNode? value)
    {
        List<UnknownField>? found = null;
        Walk(schema, value, "", remove: true, ref found);
    }

    private static void Walk(SchemaNode schema, JsonNode? value, string path, bool remove, ref List<UnknownField>? found)
    {
        switch (value)
        {
            case JsonObject map:
                WalkObject(schema, map, path, remove, ref found);
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                    Walk(items, list[i], remove ? path : $"{path}[{i}]", remove, ref found);
                break;
        }
    }

    private static void WalkObject(SchemaNode schema, JsonObject map, string path, bool remove, ref List<UnknownField>? found)
    {
        List<string>? unknown = null;
        foreach (var (key, child) in map)
        {
            if (schema.Child(key) is { } known)
                Walk(known, child, remove ? path : Join(path, key), remove, ref found);
            else if (!schema.PreserveUnknownFields && !schema.AdditionalAllowed && schema.Type != SchemaType.Any)
                (unknown ??= []).Add(key);
        }
        if (unknown is null)
            return;
        foreach (var key in unknown)
        {
            if (remove)
                map.Remove(key);
            else
                (found ??= []).Add(new UnknownField(Join(path, key)));
        }
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
