using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>Matches label selectors and node selector terms.</summary>
internal static class LabelSelectors
{
    /// <summary>A label selector; null matches nothing, an empty one everything.</summary>
    public static bool Matches(JsonNode? selector, IReadOnlyDictionary<string, string> labels)
    {
        if (selector is not JsonObject given)
            return false;
        foreach (var (key, value) in given["matchLabels"] as JsonObject ?? [])
        {
            if (!labels.TryGetValue(key, out var actual) || actual != value.AsText())
                return false;
        }
        return Expressions(given["matchExpressions"], labels);
    }

    /// <summary>All of a list of expressions: In, NotIn, Exists, DoesNotExist, Gt, Lt.</summary>
    public static bool Expressions(JsonNode? expressions, IReadOnlyDictionary<string, string> labels) =>
        (expressions as JsonArray)?.OfType<JsonObject>().All(e => Expression(e, labels)) ?? true;

    private static bool Expression(JsonObject expression, IReadOnlyDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(expression["key"].AsText() ?? "", out var actual);
        var values = (expression["values"] as JsonArray)?.Select(v => v.AsText()) ?? [];
        return expression["operator"].AsText() switch
        {
            "In" => present && values.Contains(actual),
            "NotIn" => !present || !values.Contains(actual),
            "Exists" => present,
            "DoesNotExist" => !present,
            "Gt" => Compare(actual, values) > 0,
            "Lt" => Compare(actual, values) < 0,
            _ => false,
        };
    }

    private static int Compare(string? actual, IEnumerable<string?> values) =>
        long.TryParse(actual, out var left) && long.TryParse(values.FirstOrDefault(), out var right) ? left.CompareTo(right) : 0;
}
