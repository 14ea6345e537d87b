using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Manifests;

/// <summary>Reads the fields of a JSON object one by one; what was not read in the end is unknown and refused.</summary>
internal sealed class ManifestFields(JsonObject fields, string path, Func<string, string, ManifestException> refuse)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Path of a field of this object.</summary>
    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>An exception about the field <paramref name="name"/>.</summary>
    public ManifestException Refuse(string name, string what) => refuse(PathOf(name), what);

    /// <summary>A text; null when absent.</summary>
    public string? Text(string name) => Get(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        var other => throw Refuse(name, $"expected text, found {Describe(other)}; put it in quotes"),
    };

    /// <summary>A text that must be given.</summary>
    public string RequiredText(string name, string example) =>
        Text(name) is { Length: > 0 } text ? text : throw Refuse(name, $"is required; write it like {example}");

    /// <summary>A whole number within bounds; null when absent.</summary>
    public int? Integer(string name, int min, int max)
    {
        var node = Get(name);
        if (node is null) return null;
        if (node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out long number) && number >= min && number <= max)
            return (int)number;
        throw Refuse(name, string.Create(CultureInfo.InvariantCulture, $"expected a whole number from {min} to {max}, found {Describe(node)}"));
    }

    /// <summary>True or false; null when absent.</summary>
    public bool? Boolean(string name) => Get(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        var other => throw Refuse(name, $"expected true or false, found {Describe(other)}"),
    };

    /// <summary>A quantity above zero; null when absent.</summary>
    public Quantity? Quantity(string name, string example)
    {
        var node = Get(name);
        if (node is null) return null;
        var text = node is JsonValue value && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? node.ToString() : null;
        if (text is not null && Kubernetes.Models.Quantity.TryParse(text, out var quantity) && quantity > 0) return quantity;
        throw Refuse(name, $"expected a quantity above 0 such as {example}, found {Describe(node)}");
    }

    /// <summary>A map of texts; null when absent.</summary>
    public Dictionary<string, string>? Texts(string name)
    {
        if (Object(name) is not { } map) return null;
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in map.Names) result[key] = map.Text(key) ?? "";
        return result;
    }

    /// <summary>An object; null when absent.</summary>
    public ManifestFields? Object(string name) => Get(name) switch
    {
        null => null,
        JsonObject nested => new ManifestFields(nested, PathOf(name), refuse),
        var other => throw Refuse(name, $"expected an object with fields, found {Describe(other)}"),
    };

    /// <summary>A list of objects; empty when absent.</summary>
    public IEnumerable<ManifestFields> Objects(string name)
    {
        var node = Get(name);
        if (node is null) yield break;
        if (node is not JsonArray list) throw Refuse(name, $"expected a list, found {Describe(node)}");
        for (var i = 0; i < list.Count; i++)
        {
            var item = string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]");
            yield return list[i] is JsonObject nested
                ? new ManifestFields(nested, PathOf(item), refuse)
                : throw Refuse(item, $"expected an object with fields, found {Describe(list[i])}");
        }
    }

    /// <summary>The names that the object has.</summary>
    public IReadOnlyList<string> Names => [.. fields.Select(pair => pair.Key)];

    /// <summary>Refuses whatever was not read.</summary>
    public void RefuseUnknown()
    {
        foreach (var name in Names)
        {
            if (!_known.Contains(name))
                throw Refuse(name, $"is no field here; expected {string.Join(", ", _known.Order(StringComparer.Ordinal))}");
        }
    }

    /// <summary>A value as a message shows it.</summary>
    internal static string Describe(JsonNode? node) => node switch
    {
        null => "nothing",
        JsonObject => "an object",
        JsonArray => "a list",
        _ => node.ToJsonString() is { Length: <= 80 } text ? text : "a long value",
    };

    private JsonNode? Get(string name)
    {
        _known.Add(name);
        return fields.TryGetPropertyValue(name, out var node) ? node : null;
    }
}
