using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Tables;

/// <summary>The table of a custom resource: its <c>additionalPrinterColumns</c>.</summary>
internal static class CustomTable
{
    public static TableLayout Of(JsonArray? columns) => columns is not { Count: > 0 }
        ? TableLayout.Plain
        : new TableLayout([.. columns.OfType<JsonObject>().Select(Column)]);

    private static TableColumn Column(JsonObject definition)
    {
        var type = definition["type"].AsText() ?? "string";
        var path = definition["jsonPath"].AsText() ?? "";
        var read = JsonPath.Parse(path);
        return new TableColumn(
            definition["name"].AsText() ?? "", type, (int)(definition["priority"].AsLong() ?? 0), (body, now) => Cell(read.Find(body), type, now))
        {
            Format = definition["format"].AsText() ?? "",
            Description = definition["description"].AsText() ?? $"Custom resource definition column (in JSONPath format): {path}",
        };
    }

    private static JsonNode? Cell(IReadOnlyList<JsonNode?> found, string type, DateTimeOffset now)
    {
        if (found.Count == 0 || found[0] is not { } value)
            return null;
        switch (type)
        {
            case "date":
                return value.AsText() is not { } time ? null
                    : DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)
                        ? HumanDuration.Since(value, now)
                        : "<invalid>";
            case "integer":
                return value.AsLong() is { } number ? JsonValue.Create(number) : null;
            case "number":
                return value.GetValueKind() == JsonValueKind.Number ? value.DeepClone() : null;
            case "boolean":
                return value.AsBool() is { } flag ? JsonValue.Create(flag) : null;
            default:
                return found.Count == 1 ? Print(value) : string.Join(',', found.Select(Print));
        }
    }

    private static string Print(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonValue => value.ToString(),
        _ => value.ToJsonString(JsonText.Options),
    };
}
