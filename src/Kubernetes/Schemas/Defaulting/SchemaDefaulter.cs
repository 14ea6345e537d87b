using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Json;

namespace GpuStack.Kubernetes.Schemas.Defaulting;

/// <summary>
/// Sets defaults in place, outside in, so that a default of a parent gets the defaults of its own fields.
/// A null of a field that is not nullable counts as missing: it takes the default, or is removed.
/// </summary>
internal static class SchemaDefaulter
{
    public static void Apply(SchemaNode schema, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject map:
                ApplyToObject(schema, map);
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    if (JsonScalar.IsNull(list[i]) && !items.Nullable && items.Default is not null)
                        list[i] = items.Default.DeepClone();
                    Apply(items, list[i]);
                }
                break;
        }
    }

    private static void ApplyToObject(SchemaNode schema, JsonObject map)
    {
        foreach (var (name, property) in schema.Properties)
        {
            var missing = !map.TryGetPropertyValue(name, out var current);
            if (!missing && JsonScalar.IsNull(current) && !property.Nullable)
            {
                map.Remove(name);
                missing = true;
            }
            if (missing && property.Default is not null)
                map[name] = property.Default.DeepClone();
            if (map[name] is { } child)
                Apply(property, child);
        }
        if (schema.AdditionalProperties is not { } additional)
            return;
        foreach (var name in map.Where(p => JsonScalar.IsNull(p.Value) && !additional.Nullable).Select(p => p.Key).ToArray())
        {
            map.Remove(name);
            if (additional.Default is not null)
                map[name] = additional.Default.DeepClone();
        }
        foreach (var (_, child) in map)
            Apply(additional, child);
    }
}
