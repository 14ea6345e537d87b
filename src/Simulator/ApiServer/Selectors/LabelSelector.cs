using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.Statuses;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Selectors;

/// <summary>A label selector, from a query (<c>a=b,c in (d,e),!f</c>) or from a LabelSelector object.</summary>
public sealed class LabelSelector
{
    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    private enum Operation
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        GreaterThan,
        LessThan,
    }

    /// <summary>Selects all.</summary>
    public static LabelSelector Everything { get; } = new([]);

    /// <summary>Whether it selects all.</summary>
    public bool IsEverything => _requirements.Count == 0;

    /// <summary>Whether an object with these labels is selected.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels))
                return false;
        }

        return true;
    }

    /// <summary>Reads the query form.</summary>
    internal static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Everything;
        return new LabelSelector([.. Split(text).Select(ParseRequirement).Select(Checked)]);
    }

    /// <summary>Reads a LabelSelector object; null selects nothing in Kubernetes, so that callers decide.</summary>
    public static LabelSelector FromObject(JsonObject selector)
    {
        var requirements = new List<Requirement>();
        if (selector["matchLabels"] is JsonObject labels)
            requirements.AddRange(labels.Select(label => new Requirement(label.Key, Operation.In, [label.Value.AsText() ?? ""])));
        if (selector["matchExpressions"] is JsonArray expressions)
        {
            requirements.AddRange(expressions.OfType<JsonObject>().Select(expression => new Requirement(
                expression["key"].AsText() ?? "",
                Enum.TryParse<Operation>(expression["operator"].AsText(), out var operation) ? operation : Operation.DoesNotExist,
                expression["values"] is JsonArray values ? [.. values.Select(value => value.AsText() ?? "")] : [])));
        }

        return new LabelSelector(requirements);
    }

    /// <summary>The query form, as status.selector of scale subresources shows it.</summary>
    public override string ToString() => string.Join(',', _requirements.Select(requirement => requirement.ToString()));

    /// <summary>Splits at the commas outside of parentheses.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var start = 0;
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '(')
                depth++;
            else if (text[i] == ')')
                depth--;
            if (text[i] != ',' || depth > 0)
                continue;
            yield return text[start..i].Trim();
            start = i + 1;
        }

        yield return text[start..].Trim();
    }

    private static Requirement ParseRequirement(string text)
    {
        if (text.StartsWith('!'))
            return new Requirement(text[1..].Trim(), Operation.DoesNotExist, []);
        if (text.IndexOf('(', StringComparison.Ordinal) is > 0 and var open && text.EndsWith(')'))
        {
            var words = text[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var values = text[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries);
            if (words is [var key, "in"])
                return new Requirement(key, Operation.In, values);
            if (words is [var other, "notin"])
                return new Requirement(other, Operation.NotIn, values);
            throw Bad(text);
        }

        foreach (var (sign, operation) in (ReadOnlySpan<(string, Operation)>)
            [("!=", Operation.NotIn), ("==", Operation.In), ("=", Operation.In), (">", Operation.GreaterThan), ("<", Operation.LessThan)])
        {
            var at = text.IndexOf(sign, StringComparison.Ordinal);
            if (at > 0)
                return new Requirement(text[..at].Trim(), operation, [text[(at + sign.Length)..].Trim()]);
        }

        return text.Length > 0 && !text.Contains(' ', StringComparison.Ordinal) ? new Requirement(text, Operation.Exists, []) : throw Bad(text);
    }

    private static Requirement Checked(Requirement requirement)
    {
        if (!requirement.Key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/') || requirement.Key.Length == 0)
            throw Bad(requirement.ToString());
        foreach (var value in requirement.Values)
        {
            if (!value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                throw Bad(requirement.ToString());
        }

        return requirement;
    }

    private static ApiException Bad(string text) =>
        ApiException.BadRequest($"unable to parse requirement: found '{text}', expected: in, notin, =, ==, !=, gt, lt");

    private sealed record Requirement(string Key, Operation Operation, IReadOnlyList<string> Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string> labels)
        {
            var has = labels.TryGetValue(Key, out var value);
            return Operation switch
            {
                Operation.In => has && Values.Contains(value),
                Operation.NotIn => !has || !Values.Contains(value),
                Operation.Exists => has,
                Operation.DoesNotExist => !has,
                Operation.GreaterThan => has && long.TryParse(value, out var left) && long.TryParse(Values[0], out var right) && left > right,
                _ => has && long.TryParse(value, out var left) && long.TryParse(Values[0], out var right) && left < right,
            };
        }

        public override string ToString() => Operation switch
        {
            Operation.In when Values.Count == 1 => $"{Key}={Values[0]}",
            Operation.In => $"{Key} in ({string.Join(',', Values)})",
            Operation.NotIn when Values.Count == 1 => $"{Key}!={Values[0]}",
            Operation.NotIn => $"{Key} notin ({string.Join(',', Values)})",
            Operation.Exists => Key,
            Operation.DoesNotExist => $"!{Key}",
            Operation.GreaterThan => $"{Key}>{Values[0]}",
            _ => $"{Key}<{Values[0]}",
        };
    }
}
