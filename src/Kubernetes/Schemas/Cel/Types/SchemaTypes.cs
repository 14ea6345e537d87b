using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using GpuStack.Kubernetes.Schemas.Parsing;

namespace GpuStack.Kubernetes.Schemas.Cel.Types;

/// <summary>The CEL type of a schema node, as Kubernetes maps them. A node keeps its type: object types compare by identity.</summary>
internal static class SchemaTypes
{
    private static readonly ConditionalWeakTable<SchemaNode, CelType> Known = [];

    /// <param name="node">The node; its children are complete.</param>
    /// <param name="isResource">Whether it is a whole object, of whose metadata rules see name and generateName only.</param>
    /// <returns>The type, or null for what rules cannot reach (unknown content).</returns>
    public static CelType? Of(SchemaNode node, bool isResource = false)
    {
        if (node.Type == SchemaType.Any)
            return null;
        if (Known.TryGetValue(node, out var known))
            return known;
        var type = Make(node, isResource || node.EmbeddedResource);
        if (type is not null)
            Known.AddOrUpdate(node, type);
        return type;
    }

    private static CelType? Make(SchemaNode node, bool isResource) => node.Type switch
    {
        SchemaType.IntOrString => CelType.Dyn,
        SchemaType.Boolean => CelType.Bool,
        SchemaType.Integer => CelType.Int,
        SchemaType.Number => CelType.Double,
        SchemaType.String => node.Format switch
        {
            "date" or "date-time" => CelType.Timestamp,
            "duration" => CelType.Duration,
            "byte" => CelType.Bytes,
            _ => CelType.String,
        },
        SchemaType.Array => Of(node.Items!) is { } item
            ? CelType.ListOf(item) with { MergesOnAdd = node.ListKind != ListKind.Atomic } : null,
        SchemaType.Object when node.AdditionalProperties is { } additional => Of(additional) is { } value
            ? CelType.MapOf(CelType.String, value) : null,
        SchemaType.Object => new CelType(CelKind.Object) { Fields = Fields(node, isResource) },
        _ => null,
    };

    private static FrozenDictionary<string, CelField> Fields(SchemaNode node, bool isResource)
    {
        var fields = new Dictionary<string, CelField>(StringComparer.Ordinal);
        foreach (var (name, property) in node.Properties)
        {
            var type = isResource && name == "metadata" ? Metadata(property) : Of(property);
            if (type is not null && CelFieldNames.Escape(name) is { } escaped)
                fields[escaped] = new CelField(name, type);
        }
        return fields.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static CelType Metadata(SchemaNode metadata) => new(CelKind.Object)
    {
        Fields = metadata.Properties.Where(p => ObjectMetaSchema.VisibleToRules.Contains(p.Key))
            .ToFrozenDictionary(p => p.Key, p => new CelField(p.Key, CelType.String), StringComparer.Ordinal),
    };
}
