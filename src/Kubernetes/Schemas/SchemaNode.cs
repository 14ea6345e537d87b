using System.Collections.Frozen;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Cel;
using GpuStack.Kubernetes.Schemas.Validation;

namespace GpuStack.Kubernetes.Schemas;

/// <summary>One node of a structural schema; immutable once the parser has finished it.</summary>
internal sealed class SchemaNode
{
    public SchemaType Type { get; init; }
    public string? Format { get; init; }
    public bool Nullable { get; init; }
    public JsonNode? Default { get; init; }

    /// <summary>Sorted by name, so that findings come in a stable order.</summary>
    public IReadOnlyList<KeyValuePair<string, SchemaNode>> Properties { get; init; } = [];
    public FrozenDictionary<string, SchemaNode> ByName { get; init; } = FrozenDictionary<string, SchemaNode>.Empty;
    public SchemaNode? AdditionalProperties { get; init; }

    /// <summary><c>additionalProperties: true</c>: any key with any value.</summary>
    public bool AdditionalAllowed { get; init; }
    public SchemaNode? Items { get; init; }
    public bool PreserveUnknownFields { get; init; }
    public bool EmbeddedResource { get; init; }
    public ListKind ListKind { get; init; }
    public IReadOnlyList<string> ListMapKeys { get; init; } = [];
    public ValueRules Rules { get; init; } = ValueRules.None;

    /// <summary>Compiled after the node itself, because a rule is typed by the node.</summary>
    public IReadOnlyList<CelRule> CelRules { get; set; } = [];

    /// <summary>Whether this node or one below has CEL rules.</summary>
    public bool HasCelRules { get; set; }

    /// <summary>The schema of a child key, or null when the key is unknown here.</summary>
    public SchemaNode? Child(string key) =>
        ByName.TryGetValue(key, out var property) ? property : AdditionalProperties;

    public bool Knows(string key) => ByName.ContainsKey(key) || AdditionalProperties is not null || AdditionalAllowed;
}
