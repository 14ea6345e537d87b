using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json.Nodes;
using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.Generation;

/// <summary>
/// Defaults of the schema, taken from the initializers of the classes, so that an object made in code and one defaulted by the
/// API server agree. A property has a default when it is neither nullable nor <see cref="RequiredAttribute"/>, or when a
/// <see cref="SchemaDefaultAttribute"/> says so.
/// </summary>
[RequiresUnreferencedCode("Reads the classes by reflection; a trimmed program does not have them whole.")]
internal static class SchemaDefaults
{
    public static bool HasDefault(PropertyInfo property) =>
        property.IsDefined(typeof(SchemaDefaultAttribute)) || (!property.IsDefined(typeof(RequiredAttribute)) && !IsNullable(property));

    /// <summary>The default of <paramref name="property"/>; an object default leaves out what its own fields default to.</summary>
    public static JsonNode? Of(PropertyInfo property)
    {
        if (property.GetCustomAttribute<SchemaDefaultAttribute>() is { } given) return JsonNode.Parse(given.Json);
        var owner = Activator.CreateInstance(property.DeclaringType!);
        return ToJson(property.GetValue(owner));
    }

    private static bool IsNullable(PropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) is not null
        || (!property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable);

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        Enum member => JsonValue.Create(member.ToString()),
        Quantity quantity => JsonValue.Create(quantity.ToString()),
        KubernetesDuration duration => JsonValue.Create(duration.ToString()),
        IntOrString { Number: { } number } => JsonValue.Create(number),
        IntOrString { Text: { } text } => JsonValue.Create(text),
        _ => ObjectToJson(value),
    };

    private static JsonObject ObjectToJson(object value)
    {
        var result = new JsonObject();
        foreach (var property in SchemaBuilder.PropertiesOf(value.GetType()))
        {
            var given = ToJson(property.GetValue(value));
            if (given is null || (HasDefault(property) && IsOwnDefault(property, value))) continue;
            result[SchemaBuilder.JsonNameOf(property)] = given;
        }
        return result;
    }

    private static bool IsOwnDefault(PropertyInfo property, object owner)
    {
        var fresh = Activator.CreateInstance(property.DeclaringType!);
        return JsonNode.DeepEquals(ToJson(property.GetValue(owner)), ToJson(property.GetValue(fresh)));
    }
}
