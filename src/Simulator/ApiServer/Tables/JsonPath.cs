using System.Text.Json.Nodes;

namespace GpuStack.Simulator.ApiServer.Tables;

/// <summary>
/// The JSONPath of printer columns: <c>.a.b</c>, <c>['a.b']</c>, <c>[0]</c>, <c>[-1]</c>, <c>[*]</c>, <c>[?(@.type=="Ready")]</c>.
/// </summary>
internal sealed class JsonPath
{
    private readonly IReadOnlyList<Func<JsonNode?, IEnumerable<JsonNode?>>> _steps;

    private JsonPath(IReadOnlyList<Func<JsonNode?, IEnumerable<JsonNode?>>> steps) => _steps = steps;

    /// <summary>Reads a path.</summary>
    /// <exception cref="FormatException">It uses more than is supported.</exception>
    public static JsonPath Parse(string text)
    {
        var steps = new List<Func<JsonNode?, IEnumerable<JsonNode?>>>();
        var rest = text.TrimStart('$');
        while (rest.Length > 0)
        {
            if (rest[0] == '.')
            {
                var end = 1;
                while (end < rest.Length && rest[end] is not ('.' or '['))
                    end += rest[end] == '\\' ? 2 : 1;
                steps.Add(Step(rest[1..end].Replace("\\", "", StringComparison.Ordinal)));
                rest = rest[end..];
                continue;
            }

            var close = rest.StartsWith("[?", StringComparison.Ordinal) ? rest.IndexOf(")]", StringComparison.Ordinal) + 1 : rest.IndexOf(']', StringComparison.Ordinal);
            if (rest[0] != '[' || close < 1)
                throw new FormatException($"unsupported JSONPath '{text}'");
            steps.Add(Bracket(rest[1..close], text));
            rest = rest[(close + 1)..];
        }

        return new JsonPath(steps);
    }

    /// <summary>All values found.</summary>
    public IReadOnlyList<JsonNode?> Find(JsonNode? root)
    {
        IEnumerable<JsonNode?> found = [root];
        foreach (var step in _steps)
            found = found.SelectMany(step).ToList();
        return found as IReadOnlyList<JsonNode?> ?? [.. found];
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Bracket(string inner, string text)
    {
        if (inner == "*")
            return Step("*");
        if (int.TryParse(inner, out var index))
            return node => node is JsonArray list && Math.Abs(index) < list.Count + (index < 0 ? 1 : 0) ? [index < 0 ? list[^-index] : list[index]] : [];
        if (inner.Length > 1 && inner[0] is '\'' or '"')
            return Step(inner.Trim('\'', '"'));
        if (!inner.StartsWith("?(@.", StringComparison.Ordinal) || !inner.EndsWith(')'))
            throw new FormatException($"unsupported JSONPath '{text}'");
        var condition = inner[4..^1];
        var equal = condition.Contains("==", StringComparison.Ordinal);
        var pair = condition.Split(equal ? "==" : "!=", 2);
        if (pair.Length != 2)
            throw new FormatException($"unsupported JSONPath '{text}'");
        var path = Parse("." + pair[0].Trim());
        var wanted = pair[1].Trim().Trim('\'', '"');
        return node => node is JsonArray list
            ? list.Where(item => path.Find(item) is [{ } value] && string.Equals(value.ToString(), wanted, StringComparison.Ordinal) == equal)
            : [];
    }

    private static Func<JsonNode?, IEnumerable<JsonNode?>> Step(string name) => name switch
    {
        "" => node => [node],
        "*" => node => node switch
        {
            JsonArray list => list,
            JsonObject fields => fields.Select(field => field.Value),
            _ => [],
        },
        _ => node => node is JsonObject fields && fields.TryGetPropertyValue(name, out var value) ? [value] : [],
    };
}
