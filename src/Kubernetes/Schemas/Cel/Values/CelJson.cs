using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Schemas.Json;

namespace GpuStack.Kubernetes.Schemas.Cel.Values;

/// <summary>
/// CEL values are null, bool, long, double, string, <see cref="DateTimeOffset"/>, <see cref="KubernetesDuration"/>,
/// <see cref="Quantity"/>, <see cref="CelKindValue"/>, <see cref="CelListValue"/>, <see cref="CelMapValue"/> and
/// <see cref="CelError"/>. JSON becomes one lazily, by its schema.
/// </summary>
internal static class CelJson
{
    public static object? Value(JsonNode? node, SchemaNode schema) => JsonScalar.KindOf(node) switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => Text(node!.GetValue<string>(), schema),
        JsonValueKind.Number => Number(node!, schema),
        JsonValueKind.Array when schema.Items is not null => new CelJsonList(node!.AsArray(), schema),
        JsonValueKind.Object when schema.AdditionalProperties is { } values => new CelJsonMap(node!.AsObject(), values),
        JsonValueKind.Object => new CelJsonObject(node!.AsObject(), schema),
        JsonValueKind.Array => new CelError("the list has no declared items"),
        _ => null,
    };

    private static object Number(JsonNode node, SchemaNode schema)
    {
        if (schema.Type != SchemaType.Number && JsonScalar.TryGetInteger(node, out var whole))
            return whole;
        if (!JsonScalar.TryGetDouble(node, out var number))
            return new CelError("a number is out of range");
        return schema.Type == SchemaType.Integer && Math.Abs(number) < 9e15 ? (long)number : number;
    }

    private static object Text(string text, SchemaNode schema) => schema.Type != SchemaType.String ? text : schema.Format switch
    {
        "date" or "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time : new CelError($"\"{text}\" is no time"),
        "duration" => KubernetesDuration.TryParse(text, out var duration) ? duration : new CelError($"\"{text}\" is no duration"),
        _ => text,
    };
}
