using System.Collections.Frozen;

namespace GpuStack.Kubernetes.Schemas.Parsing;

/// <summary>The keywords of JSONSchemaProps: what a structural node may say, what a value-only node may, what none may.</summary>
internal static class SchemaKeywords
{
    /// <summary>Describe values; allowed everywhere, inside allOf, anyOf, oneOf and not too.</summary>
    private static readonly string[] Values =
    [
        "format", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
        "maxItems", "minItems", "uniqueItems", "multipleOf", "enum", "maxProperties", "minProperties", "required",
        "allOf", "anyOf", "oneOf", "not", "properties", "items", "additionalProperties",
    ];

    public static readonly FrozenSet<string> InJunctors = Values.Append("type").ToFrozenSet(StringComparer.Ordinal);

    public static readonly FrozenSet<string> Structural = Values.Concat(
    [
        "type", "description", "title", "default", "example", "externalDocs", "nullable",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations",
    ]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Keywords of JSON Schema that no CRD may use, with the API server's reason.</summary>
    public static readonly FrozenDictionary<string, string> Forbidden = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["$ref"] = "$ref is not supported",
        ["$schema"] = "$schema is not supported",
        ["id"] = "id is not supported",
        ["definitions"] = "definitions is not supported",
        ["dependencies"] = "dependencies is not supported",
        ["patternProperties"] = "patternProperties is not supported",
        ["additionalItems"] = "additionalItems is not supported",
        ["deprecated"] = "deprecated is not supported",
        ["discriminator"] = "discriminator is not supported",
        ["readOnly"] = "readOnly is not supported",
        ["writeOnly"] = "writeOnly is not supported",
        ["xml"] = "xml is not supported",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
