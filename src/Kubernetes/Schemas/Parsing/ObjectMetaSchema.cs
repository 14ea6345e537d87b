using System.Collections.Frozen;
using GpuStack.Kubernetes.Schemas.Validation;

namespace GpuStack.Kubernetes.Schemas.Parsing;

/// <summary>
/// The known fields of ObjectMeta, so that unknown ones are found and dropped. Their values are checked by the server's
/// own metadata rules, not by a CRD schema; only name and generateName may be restricted there.
/// </summary>
internal static class ObjectMetaSchema
{
    private static readonly SchemaNode Text = new() { Type = SchemaType.String, Nullable = true };
    private static readonly SchemaNode Flag = new() { Type = SchemaType.Boolean, Nullable = true };
    private static readonly SchemaNode Whole = new() { Type = SchemaType.Integer, Nullable = true };
    private static readonly SchemaNode TextMap = new() { Type = SchemaType.Object, Nullable = true, AdditionalProperties = Text };

    private static readonly SchemaNode Owner = Object(
        ("apiVersion", Text), ("blockOwnerDeletion", Flag), ("controller", Flag), ("kind", Text), ("name", Text), ("uid", Text));

    private static readonly SchemaNode ManagedFields = Object(
        ("apiVersion", Text), ("fieldsType", Text),
        ("fieldsV1", new SchemaNode { Type = SchemaType.Object, PreserveUnknownFields = true, Nullable = true }),
        ("manager", Text), ("operation", Text), ("subresource", Text), ("time", Text));

    /// <summary>The fields that CEL rules may read.</summary>
    public static readonly FrozenSet<string> VisibleToRules = new[] { "name", "generateName" }.ToFrozenSet(StringComparer.Ordinal);

    public static SchemaNode Node(SchemaNode? declared) => Object(
        declared?.Rules ?? ValueRules.None,
        ("annotations", TextMap), ("creationTimestamp", Text), ("deletionGracePeriodSeconds", Whole), ("deletionTimestamp", Text),
        ("finalizers", List(Text)), ("generateName", declared?.ByName.GetValueOrDefault("generateName") ?? Text), ("generation", Whole),
        ("labels", TextMap), ("managedFields", List(ManagedFields)), ("name", declared?.ByName.GetValueOrDefault("name") ?? Text),
        ("namespace", Text), ("ownerReferences", List(Owner)), ("resourceVersion", Text), ("selfLink", Text), ("uid", Text));

    private static SchemaNode List(SchemaNode items) => new() { Type = SchemaType.Array, Nullable = true, Items = items };

    private static SchemaNode Object(params (string Name, SchemaNode Node)[] fields) => Object(ValueRules.None, fields);

    private static SchemaNode Object(ValueRules rules, params (string Name, SchemaNode Node)[] fields)
    {
        var properties = fields.Select(f => KeyValuePair.Create(f.Name, f.Node)).ToArray();
        return new SchemaNode
        {
            Type = SchemaType.Object,
            Nullable = true,
            Rules = rules,
            Properties = properties,
            ByName = properties.ToFrozenDictionary(StringComparer.Ordinal),
        };
    }
}
