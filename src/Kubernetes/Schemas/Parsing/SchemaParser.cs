using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Schemas.Cel;
using GpuStack.Kubernetes.Schemas.Json;
using GpuStack.Kubernetes.Schemas.Validation;

namespace GpuStack.Kubernetes.Schemas.Parsing;

/// <summary>
/// Reads an openAPIV3Schema into nodes and refuses what is not structural: every field has a type, logical junctors
/// only add value rules, keywords are known. CEL rules are compiled bottom-up, once their node's type is complete.
/// </summary>
internal static class SchemaParser
{
    public const string RootPath = "openAPIV3Schema";
    private const int MaxDepth = 64;
    private static readonly string[] RootFields = ["apiVersion", "kind", "metadata"];

    public static SchemaNode Parse(JsonObject schema)
    {
        var reader = new SchemaReader(schema, RootPath);
        var root = Structural(reader, isRoot: true, correlatable: true, depth: 0);
        if (root.Type != SchemaType.Object)
            throw reader.Wrong("type", "Invalid value: must be object at the root");
        DefaultsCheck.Check(root, RootPath);
        return root;
    }

    /// <param name="reader">The schema to read.</param>
    /// <param name="isRoot">Whether it is the whole custom resource.</param>
    /// <param name="correlatable">Whether an old value can be told for this place; it cannot inside atomic and set lists.</param>
    /// <param name="depth">How deep the schema stands.</param>
    private static SchemaNode Structural(SchemaReader reader, bool isRoot, bool correlatable, int depth)
    {
        if (depth > MaxDepth)
            throw new SchemaException(reader.Path, $"is nested deeper than {MaxDepth}");
        CheckKeywords(reader, SchemaKeywords.Structural);
        var type = TypeOf(reader);
        var listKind = ListKindOf(reader, type);
        var embedded = reader.Flag("x-kubernetes-embedded-resource");
        if (embedded && type != SchemaType.Object)
            throw reader.Wrong("type", "Invalid value: must be object if x-kubernetes-embedded-resource is true");

        var properties = new SortedDictionary<string, SchemaNode>(StringComparer.Ordinal);
        foreach (var (name, child) in reader.Properties())
            properties[name] = Structural(child, isRoot: false, correlatable, depth + 1);
        if (isRoot || embedded)
            AddObjectFields(properties, reader);
        if (properties.Count > 0 && type != SchemaType.Object)
            throw reader.Wrong("properties", "Forbidden: only an object has properties");

        SchemaNode? items = null;
        if (reader.Child("items") is { } itemsReader)
            items = Structural(itemsReader, isRoot: false, correlatable && listKind == ListKind.Map, depth + 1);
        if (items is null && type == SchemaType.Array)
            throw reader.Wrong("items", "Required value: must be specified");
        var additional = AdditionalOf(reader, properties.Count, correlatable, depth, out var additionalAllowed);

        var node = new SchemaNode
        {
            Type = type,
            Format = reader.Text("format"),
            Nullable = reader.Flag("nullable"),
            Default = reader.Schema["default"]?.DeepClone(),
            Properties = properties.ToArray(),
            ByName = properties.ToFrozenDictionary(StringComparer.Ordinal),
            AdditionalProperties = additional,
            AdditionalAllowed = additionalAllowed,
            Items = items,
            PreserveUnknownFields = reader.Flag("x-kubernetes-preserve-unknown-fields"),
            EmbeddedResource = embedded,
            ListKind = listKind,
            ListMapKeys = ListMapKeys(reader, listKind, items),
            Rules = ValueRulesParser.Parse(reader, depth, type == SchemaType.IntOrString),
        };
        RequireDeclared(node, node.Rules, reader.Path);
        node.CelRules = CelRuleParser.Parse(reader, node, isRoot, correlatable);
        node.HasCelRules = node.CelRules.Count > 0 || items?.HasCelRules == true || additional?.HasCelRules == true
            || properties.Values.Any(p => p.HasCelRules);
        return node;
    }

    internal static void CheckKeywords(SchemaReader reader, FrozenSet<string> allowed)
    {
        foreach (var (key, value) in reader.Schema)
        {
            if (SchemaKeywords.Forbidden.TryGetValue(key, out var reason) && value is not null)
                throw reader.Wrong(key, $"Forbidden: {reason}");
            if (!allowed.Contains(key))
            {
                throw reader.Wrong(key, SchemaKeywords.Structural.Contains(key)
                    ? "Forbidden: must not be set inside allOf, anyOf, oneOf or not"
                    : "Forbidden: is not a keyword of a CustomResourceDefinition schema");
            }
        }
        if (reader.Flag("uniqueItems"))
            throw reader.Wrong("uniqueItems", "Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        if (reader.Has("properties") && reader.Has("additionalProperties"))
            throw reader.Wrong("additionalProperties", "Forbidden: additionalProperties and properties are mutual exclusive");
    }

    private static SchemaType TypeOf(SchemaReader reader)
    {
        var text = reader.Text("type");
        if (reader.Flag("x-kubernetes-int-or-string"))
        {
            return string.IsNullOrEmpty(text)
                ? SchemaType.IntOrString
                : throw reader.Wrong("type", "Invalid value: must be empty if x-kubernetes-int-or-string is true");
        }
        return text switch
        {
            "object" => SchemaType.Object,
            "array" => SchemaType.Array,
            "string" => SchemaType.String,
            "integer" => SchemaType.Integer,
            "number" => SchemaType.Number,
            "boolean" => SchemaType.Boolean,
            null or "" when reader.Flag("x-kubernetes-preserve-unknown-fields") => SchemaType.Any,
            null or "" => throw reader.Wrong("type", "Required value: must not be empty for specified object fields"),
            _ => throw reader.Wrong("type",
                $"Unsupported value: {GoText.Quote(text)}: supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\""),
        };
    }

    private static ListKind ListKindOf(SchemaReader reader, SchemaType type)
    {
        var text = reader.Text("x-kubernetes-list-type");
        if (text is not null && type != SchemaType.Array)
            throw reader.Wrong("type", "Invalid value: must be array if x-kubernetes-list-type is specified");
        return text switch
        {
            null or "atomic" => ListKind.Atomic,
            "set" => ListKind.Set,
            "map" => ListKind.Map,
            _ => throw reader.Wrong("x-kubernetes-list-type",
                $"Unsupported value: {GoText.Quote(text)}: supported values: \"atomic\", \"map\", \"set\""),
        };
    }

    private static IReadOnlyList<string> ListMapKeys(SchemaReader reader, ListKind kind, SchemaNode? items)
    {
        var keys = reader.Texts("x-kubernetes-list-map-keys");
        if (kind != ListKind.Map)
        {
            return keys.Count == 0 ? keys : throw reader.Wrong("x-kubernetes-list-map-keys",
                "Forbidden: must not be specified unless x-kubernetes-list-type is map");
        }
        if (keys.Count == 0)
            throw reader.Wrong("x-kubernetes-list-map-keys", "Required value: must not be empty if x-kubernetes-list-type is map");
        foreach (var key in keys)
        {
            if (!items!.ByName.TryGetValue(key, out var property))
                throw reader.Wrong("x-kubernetes-list-map-keys", $"Invalid value: {GoText.Quote(key)}: entries must all be names of item properties");
            if (property.Type is SchemaType.Object or SchemaType.Array or SchemaType.Any)
                throw reader.Wrong("x-kubernetes-list-map-keys", $"Invalid value: {GoText.Quote(key)}: the property must be of a scalar type");
            if (!items.Rules.Required.Contains(key) && property.Default is null)
            {
                throw new SchemaException($"{reader.Path}.items.properties[{key}].default",
                    "Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
            }
        }
        return keys;
    }

    private static SchemaNode? AdditionalOf(SchemaReader reader, int properties, bool correlatable, int depth, out bool allowed)
    {
        allowed = false;
        switch (JsonScalar.KindOf(reader.Schema["additionalProperties"]))
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.True:
                allowed = true;
                return null;
            case JsonValueKind.Object when properties == 0:
                return Structural(reader.Child("additionalProperties")!.Value, isRoot: false, correlatable, depth + 1);
            default:
                throw reader.Wrong("additionalProperties", "Forbidden: must be a schema of the values, or true");
        }
    }

    private static void AddObjectFields(SortedDictionary<string, SchemaNode> properties, SchemaReader reader)
    {
        foreach (var name in RootFields)
        {
            var declared = properties.GetValueOrDefault(name);
            var expected = name == "metadata" ? SchemaType.Object : SchemaType.String;
            if (declared is not null && declared.Type != expected)
                throw new SchemaException($"{reader.Path}.properties[{name}].type", $"Invalid value: must be {expected.ToString().ToLowerInvariant()}");
            if (name == "metadata" && declared?.Properties.FirstOrDefault(p => p.Key is not ("name" or "generateName")).Key is { } extra)
                throw new SchemaException($"{reader.Path}.properties[metadata].properties[{extra}]", "Forbidden: metadata may only restrict name and generateName");
            if (name == "metadata")
                properties[name] = ObjectMetaSchema.Node(declared);
            else
                properties.TryAdd(name, new SchemaNode { Type = expected });
        }
    }

    /// <summary>A field that a junctor names must be declared outside it, or it would be pruned.</summary>
    private static void RequireDeclared(SchemaNode structure, ValueRules rules, string path)
    {
        foreach (var inner in rules.AllOf.Concat(rules.AnyOf).Concat(rules.OneOf).Append(rules.Not))
        {
            if (inner is not null)
                RequireDeclared(structure, inner, path);
        }
    }

    private static void RequireDeclared(SchemaNode structure, SchemaNode inner, string path)
    {
        foreach (var (name, child) in inner.Properties)
        {
            var declared = structure.Child(name) ?? throw new SchemaException(
                $"{path}.properties[{name}]", "Required value: because it is defined in a junctor (allOf, anyOf, oneOf, not)");
            RequireDeclared(declared, child, $"{path}.properties[{name}]");
        }
        if (inner.Items is not null && structure.Items is not null)
            RequireDeclared(structure.Items, inner.Items, $"{path}.items");
        RequireDeclared(structure, inner.Rules, path);
    }
}
