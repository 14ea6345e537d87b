using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.ApiServer.Types;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>
/// Reads a body as a real server's typed decoder does: unknown fields are dropped and reported, nulls and empty lists and maps
/// vanish, quantities become canonical, and a value of a wrong type is refused.
/// </summary>
internal sealed class TypedDecoder(FieldShape shape, string kind, string version)
{
    private readonly List<string> _unknown = [];

    /// <summary>Cleans <paramref name="body"/> and returns the paths of its unknown fields.</summary>
    public static IReadOnlyList<string> Decode(JsonObject body, FieldShape shape, string kind, string version)
    {
        var decoder = new TypedDecoder(shape, kind, version);
        decoder.CleanObject(body, decoder._shape, "");
        return decoder._unknown;
    }

    private readonly FieldShape _shape = shape;

    private void CleanObject(JsonObject body, FieldShape type, string path)
    {
        foreach (var (name, value) in body.ToList())
        {
            var below = path.Length == 0 ? name : $"{path}.{name}";
            if (!type.Fields.TryGetValue(name, out var field))
            {
                _unknown.Add(below);
                body.Remove(name);
                continue;
            }

            if (Clean(value, field, below, type.TypeName) is { } cleaned)
            {
                if (!ReferenceEquals(cleaned, value))
                    body[name] = cleaned;
            }
            else
            {
                body.Remove(name);
            }
        }
    }

    private JsonNode? Clean(JsonNode? value, FieldShape field, string path, string? owner)
    {
        if (value is null || field.Kind == ShapeKind.Any)
            return value;
        switch (field.Kind)
        {
            case ShapeKind.Object:
                CleanObject(value as JsonObject ?? throw Mismatch(value, path, owner, field.TypeName ?? "object"), field, path);
                return value;
            case ShapeKind.Map:
                return CleanMap(value as JsonObject ?? throw Mismatch(value, path, owner, "map[string]" + GoType(field.Element!)), field, path, owner);
            case ShapeKind.List:
                return CleanList(value as JsonArray ?? throw Mismatch(value, path, owner, "[]" + GoType(field.Element!)), field, path, owner);
            default:
                return CleanScalar(value, field, path, owner);
        }
    }

    private JsonObject? CleanMap(JsonObject map, FieldShape field, string path, string? owner)
    {
        foreach (var (key, value) in map.ToList())
        {
            var cleaned = Clean(value, field.Element!, $"{path}.{key}", owner);
            // A null in a map of texts is the empty text.
            if (cleaned is null && field.Element!.Kind == ShapeKind.String)
                map[key] = "";
            else if (!ReferenceEquals(cleaned, value))
                map[key] = cleaned;
        }

        return map.Count == 0 ? null : map;
    }

    private JsonArray? CleanList(JsonArray list, FieldShape field, string path, string? owner)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var cleaned = Clean(list[i], field.Element!, $"{path}[{i}]", owner);
            if (!ReferenceEquals(cleaned, list[i]))
                list[i] = cleaned;
        }

        return list.Count == 0 ? null : list;
    }

    private JsonNode CleanScalar(JsonNode value, FieldShape field, string path, string? owner)
    {
        var kindOfValue = value.GetValueKind();
        switch (field.Kind)
        {
            case ShapeKind.String when kindOfValue == JsonValueKind.String:
            case ShapeKind.Bytes when kindOfValue == JsonValueKind.String:
            case ShapeKind.Boolean when kindOfValue is JsonValueKind.True or JsonValueKind.False:
            case ShapeKind.IntOrString when kindOfValue is JsonValueKind.String or JsonValueKind.Number:
            case ShapeKind.Number when kindOfValue == JsonValueKind.Number:
                return value;
            case ShapeKind.Integer when value.AsLong() is { } number && (field.Bits == 64 || number is >= int.MinValue and <= int.MaxValue):
                return value;
            case ShapeKind.Time when kindOfValue == JsonValueKind.String:
                return CheckTime(value, "2006-01-02T15:04:05Z07:00");
            case ShapeKind.MicroTime when kindOfValue == JsonValueKind.String:
                return CheckTime(value, "2006-01-02T15:04:05.000000Z07:00");
            case ShapeKind.Quantity when kindOfValue is JsonValueKind.String or JsonValueKind.Number:
                return CanonicalQuantity(value);
            default:
                throw Mismatch(value, path, owner, GoType(field));
        }
    }

    private JsonNode CheckTime(JsonNode value, string layout)
    {
        var text = value.AsText()!;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _) && text.Contains('T', StringComparison.Ordinal))
            return value;
        throw Refused($"parsing time \"{text}\" as \"{layout}\": cannot parse \"{text}\" as \"2006\"");
    }

    private JsonNode CanonicalQuantity(JsonNode value)
    {
        var text = value.AsText() ?? value.ToJsonString();
        if (!Quantity.TryParse(text, out var quantity))
        {
            throw Refused(
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }

        var canonical = quantity.ToString();
        return string.Equals(canonical, value.AsText(), StringComparison.Ordinal) ? value : JsonValue.Create(canonical);
    }

    private ApiException Mismatch(JsonNode value, string path, string? owner, string expected)
    {
        var found = value.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            JsonValueKind.Array => "array",
            JsonValueKind.Object => "object",
            _ => "bool",
        };
        return Refused($"json: cannot unmarshal {found} into Go struct field {owner ?? kind}.{path} of type {expected}");
    }

    private ApiException Refused(string why) =>
        ApiException.BadRequest($"{kind} in version \"{version}\" cannot be handled as a {kind}: {why}");

    private static string GoType(FieldShape field) => field.Kind switch
    {
        ShapeKind.Integer => field.Bits == 32 ? "int32" : "int64",
        ShapeKind.Boolean => "bool",
        ShapeKind.Bytes => "[]uint8",
        ShapeKind.Quantity => "resource.Quantity",
        ShapeKind.Object => $"v1.{field.TypeName}",
        ShapeKind.List => "[]" + GoType(field.Element!),
        ShapeKind.Map => "map[string]" + GoType(field.Element!),
        _ => "string",
    };
}
