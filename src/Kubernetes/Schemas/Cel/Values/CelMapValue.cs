using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Cel.Types;

namespace GpuStack.Kubernetes.Schemas.Cel.Values;

/// <summary>A map or an object.</summary>
internal abstract class CelMapValue
{
    public abstract int Count { get; }

    public abstract IEnumerable<object> Keys { get; }

    public abstract bool TryGet(object key, out object? value);
}

/// <summary>An object with declared fields: a null counts as absent, unknown fields do not exist.</summary>
internal sealed class CelJsonObject(JsonObject map, SchemaNode schema) : CelMapValue
{
    public override int Count => Keys.Count();

    public override IEnumerable<object> Keys => schema.Properties.Where(p => map[p.Key] is not null).Select(p => p.Key);

    public override bool TryGet(object key, out object? value)
    {
        value = null;
        if (key is not string name)
            return false;
        if (!schema.ByName.TryGetValue(name, out var property))
            name = schema.Properties.FirstOrDefault(p => CelFieldNames.Escape(p.Key) == name).Key ?? "";
        return (property ?? schema.ByName.GetValueOrDefault(name)) is { } found && TryGetField(name, found, out value);
    }

    private bool TryGetField(string jsonName, SchemaNode property, out object? value)
    {
        value = map[jsonName] is { } node ? CelJson.Value(node, property) : null;
        return value is not null;
    }
}

internal sealed class CelJsonMap(JsonObject map, SchemaNode values) : CelMapValue
{
    public override int Count => map.Count;

    public override IEnumerable<object> Keys => map.Select(p => p.Key);

    public override bool TryGet(object key, out object? value)
    {
        value = null;
        if (key is not string name || !map.TryGetPropertyValue(name, out var node))
            return false;
        value = CelJson.Value(node, values);
        return true;
    }
}

internal sealed class CelMadeMap(IReadOnlyDictionary<object, object?> entries) : CelMapValue
{
    public override int Count => entries.Count;

    public override IEnumerable<object> Keys => entries.Keys;

    public override bool TryGet(object key, out object? value) => entries.TryGetValue(key, out value);
}
