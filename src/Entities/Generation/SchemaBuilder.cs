using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Generation;

/// <summary>
/// Builds a structural OpenAPI v3 schema from a class: types from the properties, bounds and rules from the attributes,
/// defaults from the initializers, descriptions from the XML documentation. Strings, lists and maps without a maximum are
/// refused, because the cost of CEL rules is estimated from the maxima.
/// </summary>
[RequiresUnreferencedCode("Reads the classes by reflection; a trimmed program does not have them whole.")]
internal sealed class SchemaBuilder(XmlDescriptions descriptions)
{
    private const string QuantityPattern =
        @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

    private const string DurationPattern = @"^([0-9]{1,9}(\.[0-9]{1,9})?(ms|s|m|h)){1,4}$";

    /// <summary>The schema of a class with its properties, in the order of their declaration.</summary>
    public JsonObject OfClass(Type type)
    {
        var schema = new JsonObject { ["type"] = "object" };
        if (descriptions.Of(type) is { } description) schema["description"] = description;
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in PropertiesOf(type))
        {
            var name = JsonNameOf(property);
            properties[name] = OfProperty(property);
            if (property.IsDefined(typeof(RequiredAttribute))) required.Add((JsonNode)name);
        }
        if (required.Count > 0) schema["required"] = required;
        if (properties.Count > 0) schema["properties"] = properties;
        AddRules(schema, type.GetCustomAttributes<CelRuleAttribute>());
        return schema;
    }

    /// <summary>The properties that JSON carries.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(property => property is { CanRead: true, CanWrite: true } && !property.IsDefined(typeof(JsonIgnoreAttribute)));

    /// <summary>The JSON name of a property.</summary>
    public static string JsonNameOf(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private JsonObject OfProperty(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        JsonObject schema;
        if (ElementTypeOf(type) is { } element) schema = OfList(property, element);
        else if (ValueTypeOf(type) is { } value) schema = OfMap(property, value);
        else schema = OfValue(property, type);

        if (descriptions.Of(property) is { } description) schema["description"] = description;
        else throw Refuse(property, "has no documentation comment; kubectl explain shows it");
        if (SchemaDefaults.HasDefault(property)) schema["default"] = SchemaDefaults.Of(property);
        AddRules(schema, property.GetCustomAttributes<CelRuleAttribute>());
        return InOrder(schema);
    }

    private JsonObject OfList(PropertyInfo property, Type element)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = OfValue(property, element) };
        var items = property.GetCustomAttribute<ItemsAttribute>() ?? throw Refuse(property, "needs [Items]");
        if (items.Min > 0) schema["minItems"] = items.Min;
        schema["maxItems"] = items.Max;
        var list = property.GetCustomAttribute<ListTypeAttribute>() ?? throw Refuse(property, "needs [ListType]");
        schema["x-kubernetes-list-type"] = JsonNamingPolicy.CamelCase.ConvertName(list.Kind.ToString());
        if (list.Kind == ListKind.Map) schema["x-kubernetes-list-map-keys"] = Strings(list.MapKeys);
        return schema;
    }

    private JsonObject OfMap(PropertyInfo property, Type value)
    {
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = OfValue(property, value) };
        var items = property.GetCustomAttribute<ItemsAttribute>() ?? throw Refuse(property, "needs [Items]");
        if (items.Min > 0) schema["minProperties"] = items.Min;
        schema["maxProperties"] = items.Max;
        return schema;
    }

    private JsonObject OfValue(PropertyInfo property, Type type)
    {
        if (CuratedSchemas.TryGet(type) is { } curated) return curated;
        if (type == typeof(bool)) return new JsonObject { ["type"] = "boolean" };
        if (type == typeof(int)) return Number(property, "int32");
        if (type == typeof(long)) return Number(property, "int64");
        if (type == typeof(Quantity)) return IntOrText(QuantityPattern, 64);
        if (type == typeof(KubernetesDuration))
            return new JsonObject { ["type"] = "string", ["maxLength"] = 64, ["pattern"] = DurationPattern };
        if (type == typeof(IntOrString)) return IntOrText(PatternOf(property), LengthOf(property).Max);
        if (type == typeof(string)) return Text(property);
        if (type.IsEnum) return new JsonObject { ["type"] = "string", ["enum"] = Strings(Enum.GetNames(type)) };
        if (type.IsClass && type.Namespace?.StartsWith("GpuStack.", StringComparison.Ordinal) == true) return OfClass(type);
        throw Refuse(property, $"has the type {type.Name}, which the schema does not know");
    }

    private static JsonObject Text(PropertyInfo property)
    {
        var length = LengthOf(property);
        var schema = new JsonObject { ["type"] = "string" };
        if (length.Min > 0) schema["minLength"] = length.Min;
        schema["maxLength"] = length.Max;
        if (PatternOf(property) is { } pattern) schema["pattern"] = pattern;
        if (property.GetCustomAttribute<EnumValuesAttribute>() is { } values) schema["enum"] = Strings(values.Values);
        return schema;
    }

    private static JsonObject Number(PropertyInfo property, string format)
    {
        var schema = new JsonObject { ["type"] = "integer", ["format"] = format };
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            schema["minimum"] = range.Min;
            schema["maximum"] = range.Max;
        }
        return schema;
    }

    private static JsonObject IntOrText(string? pattern, int maxLength)
    {
        var schema = new JsonObject
        {
            ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
            ["x-kubernetes-int-or-string"] = true,
            ["maxLength"] = maxLength,
        };
        if (pattern is not null) schema["pattern"] = pattern;
        return schema;
    }

    private static void AddRules(JsonObject schema, IEnumerable<CelRuleAttribute> rules)
    {
        var array = schema["x-kubernetes-validations"] as JsonArray ?? [];
        foreach (var rule in rules)
        {
            var entry = new JsonObject { ["rule"] = rule.Rule, ["message"] = rule.Message };
            if (rule.FieldPath is not null) entry["fieldPath"] = rule.FieldPath;
            if (rule.Reason is not null) entry["reason"] = rule.Reason;
            array.Add((JsonNode)entry);
        }
        if (array.Count > 0 && array.Parent is null) schema["x-kubernetes-validations"] = array;
    }

    /// <summary>Description, type and default first: what a reader looks for.</summary>
    private static JsonObject InOrder(JsonObject schema)
    {
        string[] first = ["description", "type", "format", "default", "enum"];
        var ordered = new JsonObject();
        foreach (var name in first.Concat(schema.Select(pair => pair.Key)).Distinct(StringComparer.Ordinal).ToList())
        {
            if (!schema.Remove(name, out var value)) continue;
            ordered[name] = value;
        }
        return ordered;
    }

    private static LengthAttribute LengthOf(PropertyInfo property) =>
        property.GetCustomAttribute<LengthAttribute>() ?? throw Refuse(property, "needs [Length]");

    private static string? PatternOf(PropertyInfo property) => property.GetCustomAttribute<PatternAttribute>()?.Expression;

    private static Type? ElementTypeOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>) ? type.GetGenericArguments()[0] : null;

    private static Type? ValueTypeOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>) ? type.GetGenericArguments()[1] : null;

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    private static InvalidOperationException Refuse(PropertyInfo property, string what) =>
        new($"{property.DeclaringType?.Name}.{property.Name} {what}.");
}
