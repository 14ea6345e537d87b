using System.Collections.Frozen;
using GpuStack.Kubernetes.Schemas.Patterns;
using GpuStack.Kubernetes.Schemas.Validation;

namespace GpuStack.Kubernetes.Schemas.Parsing;

/// <summary>Reads the value rules of a node, and the value-only nodes inside allOf, anyOf, oneOf and not.</summary>
internal static class ValueRulesParser
{
    private const int MaxDepth = 64;

    public static ValueRules Parse(SchemaReader reader, int depth, bool intOrString) => new()
    {
        Minimum = reader.Number("minimum"),
        Maximum = reader.Number("maximum"),
        ExclusiveMinimum = reader.Flag("exclusiveMinimum"),
        ExclusiveMaximum = reader.Flag("exclusiveMaximum"),
        MultipleOf = MultipleOf(reader),
        MinLength = reader.Count("minLength"),
        MaxLength = reader.Count("maxLength"),
        Pattern = Pattern(reader),
        MinItems = reader.Count("minItems"),
        MaxItems = reader.Count("maxItems"),
        MinProperties = reader.Count("minProperties"),
        MaxProperties = reader.Count("maxProperties"),
        Required = reader.Texts("required"),
        Enum = reader.List("enum")?.Select(n => n?.DeepClone()).ToArray(),
        AllOf = Inner(reader, "allOf", depth, intOrString),
        AnyOf = Inner(reader, "anyOf", depth, intOrString),
        OneOf = Inner(reader, "oneOf", depth, false),
        Not = reader.Child("not") is { } not ? ValueOnly(not, depth + 1, false) : null,
    };

    private static SchemaNode[] Inner(SchemaReader reader, string key, int depth, bool typed) =>
        reader.Children(key).Select(child => ValueOnly(child, depth + 1, typed)).ToArray();

    /// <param name="reader">The schema inside a junctor.</param>
    /// <param name="depth">How deep it stands.</param>
    /// <param name="typed">Whether a type may be given: only in the anyOf of an int-or-string.</param>
    private static SchemaNode ValueOnly(SchemaReader reader, int depth, bool typed)
    {
        if (depth > MaxDepth)
            throw new SchemaException(reader.Path, $"is nested deeper than {MaxDepth}");
        SchemaParser.CheckKeywords(reader, SchemaKeywords.InJunctors);
        if (reader.Has("additionalProperties"))
            throw reader.Wrong("additionalProperties", "Forbidden: must not be set inside allOf, anyOf, oneOf or not");
        var type = reader.Text("type") switch
        {
            null or "" => SchemaType.Any,
            "integer" when typed => SchemaType.Integer,
            "string" when typed => SchemaType.String,
            _ => throw reader.Wrong("type", "Forbidden: must be empty to be structural"),
        };
        var properties = reader.Properties()
            .Select(p => KeyValuePair.Create(p.Name, ValueOnly(p.Reader, depth + 1, false))).ToArray();
        return new SchemaNode
        {
            Type = type,
            Nullable = type == SchemaType.Any,
            Format = reader.Text("format"),
            Properties = properties,
            ByName = properties.ToFrozenDictionary(StringComparer.Ordinal),
            Items = reader.Child("items") is { } items ? ValueOnly(items, depth + 1, false) : null,
            Rules = Parse(reader, depth, typed),
        };
    }

    private static double? MultipleOf(SchemaReader reader) => reader.Number("multipleOf") switch
    {
        <= 0 => throw reader.Wrong("multipleOf", "must be greater than 0"),
        var value => value,
    };

    private static GoPattern? Pattern(SchemaReader reader)
    {
        if (reader.Text("pattern") is not { Length: > 0 } text)
            return null;
        try
        {
            return GoPattern.Parse(text);
        }
        catch (FormatException e)
        {
            throw reader.Wrong("pattern", $"Invalid value: must be a valid regular expression, but isn't: {e.Message}");
        }
    }
}
