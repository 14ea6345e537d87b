using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Json;

namespace GpuStack.Kubernetes.Schemas.Parsing;

/// <summary>Reads the keywords of one schema object with their types, naming the place of what is wrong.</summary>
internal readonly struct SchemaReader(JsonObject schema, string path)
{
    public JsonObject Schema => schema;
    public string Path => path;

    public bool Has(string key) => schema.ContainsKey(key);

    public string? Text(string key) => schema[key] switch
    {
        null => null,
        var node when JsonScalar.TryGetString(node, out var text) => text,
        _ => throw Wrong(key, "must be a string"),
    };

    public bool Flag(string key) => JsonScalar.KindOf(schema[key]) switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False or JsonValueKind.Null => false,
        _ => throw Wrong(key, "must be a boolean"),
    };

    public long? Count(string key) => schema[key] switch
    {
        null => null,
        var node when JsonScalar.TryGetInteger(node, out var count) && count >= 0 => count,
        _ => throw Wrong(key, "must be a whole number, not negative"),
    };

    public double? Number(string key) => schema[key] switch
    {
        null => null,
        var node when JsonScalar.TryGetDouble(node, out var number) => number,
        _ => throw Wrong(key, "must be a number"),
    };

    public JsonArray? List(string key) => schema[key] switch
    {
        null => null,
        JsonArray list => list,
        _ => throw Wrong(key, "must be a list"),
    };

    public IReadOnlyList<string> Texts(string key)
    {
        var texts = new List<string>();
        foreach (var node in List(key) ?? [])
        {
            if (!JsonScalar.TryGetString(node, out var text))
                throw Wrong(key, "must be a list of strings");
            texts.Add(text);
        }
        return texts;
    }

    public SchemaReader? Child(string key) => schema[key] switch
    {
        null => null,
        JsonObject child => new SchemaReader(child, $"{path}.{key}"),
        _ => throw Wrong(key, "must be an object"),
    };

    public IEnumerable<(string Name, SchemaReader Reader)> Properties()
    {
        if (Child("properties") is not { } properties)
            yield break;
        foreach (var (name, node) in properties.Schema.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (node is not JsonObject child)
                throw new SchemaException($"{path}.properties[{name}]", "must be an object");
            yield return (name, new SchemaReader(child, $"{path}.properties[{name}]"));
        }
    }

    public IEnumerable<SchemaReader> Children(string key)
    {
        var list = List(key);
        for (var i = 0; i < list?.Count; i++)
        {
            if (list[i] is not JsonObject child)
                throw new SchemaException($"{path}.{key}[{i}]", "must be an object");
            yield return new SchemaReader(child, $"{path}.{key}[{i}]");
        }
    }

    public SchemaException Wrong(string key, string problem) => new($"{path}.{key}", problem);
}
