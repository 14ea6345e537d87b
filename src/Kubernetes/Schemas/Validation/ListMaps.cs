using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Json;

namespace GpuStack.Kubernetes.Schemas.Validation;

/// <summary>Items of map-like lists by their keys: uniqueness, and which old item a new one continues.</summary>
internal static class ListMaps
{
    /// <summary>The old items by key; null where the list is not map-like, for then nothing can be told apart.</summary>
    public static Dictionary<string, JsonNode>? Index(SchemaNode schema, JsonArray? list)
    {
        if (list is null || schema.ListKind != ListKind.Map)
            return null;
        var index = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var item in list)
        {
            if (item is JsonObject map)
                index.TryAdd(KeyText(schema, map), map);
        }
        return index;
    }

    public static JsonNode? Correlated(SchemaNode schema, Dictionary<string, JsonNode>? index, JsonNode? item) =>
        index is not null && item is JsonObject map ? index.GetValueOrDefault(KeyText(schema, map)) : null;

    /// <summary>Refuses repeated items of sets and repeated keys of map-like lists, at every depth.</summary>
    public static void CheckUnique(SchemaNode schema, JsonNode? value, string path, List<FieldError> errors)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (key, child) in map)
                {
                    if (schema.Child(key) is { } known)
                        CheckUnique(known, child, path.Length == 0 ? key : $"{path}.{key}", errors);
                }
                break;
            case JsonArray list when schema.Items is { } items:
                CheckItems(schema, list, path, errors);
                for (var i = 0; i < list.Count; i++)
                    CheckUnique(items, list[i], $"{path}[{i}]", errors);
                break;
        }
    }

    private static void CheckItems(SchemaNode schema, JsonArray list, string path, List<FieldError> errors)
    {
        if (schema.ListKind == ListKind.Atomic)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var isMap = schema.ListKind == ListKind.Map;
            if (isMap && list[i] is not JsonObject)
                continue;
            JsonNode? key = isMap ? Key(schema, (JsonObject)list[i]!) : list[i];
            if (!seen.Add(GoText.Json(key)))
                errors.Add(FieldErrors.Duplicate($"{path}[{i}]", key));
        }
    }

    private static JsonObject Key(SchemaNode schema, JsonObject item)
    {
        var key = new JsonObject();
        foreach (var name in schema.ListMapKeys)
        {
            if (item.TryGetPropertyValue(name, out var part))
                key[name] = part?.DeepClone();
        }
        return key;
    }

    private static string KeyText(SchemaNode schema, JsonObject item) => GoText.Json(Key(schema, item));
}
