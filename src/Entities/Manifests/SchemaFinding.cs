using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GpuStack.Kubernetes.Schemas;

namespace GpuStack.Entities.Manifests;

/// <summary>Says in a person's words what the schema found; the API server's own words assume that one knows its source.</summary>
internal static partial class SchemaFinding
{
    /// <summary>The field that the finding is about; the root's own rule is about the name.</summary>
    public static string FieldOf(FieldError error) =>
        error.Path is "<nil>" or "" ? error.Message.Contains("metadata.name is ", StringComparison.Ordinal) ? "metadata.name" : "" : error.Path;

    /// <summary>What is wrong, and what to do.</summary>
    public static string Describe(FieldError error)
    {
        if (error.Reason == FieldErrorReason.FieldValueRequired && error.Message.StartsWith("Required value", StringComparison.Ordinal))
            return $"is required: {Meaning(error.Path)}";
        if (WrongType().Match(error.Message) is { Success: true } type)
        {
            var (expected, found) = (type.Groups["expected"].Value, type.Groups["found"].Value);
            if (expected == "string" && found is "integer" or "number" or "boolean")
                return $"expected text, found {found}; put it in quotes";
            if (expected == "integer,string") return $"expected a whole number or text, found {found}; put fractions in quotes";
            return $"expected {expected}, found {found}: {Meaning(error.Path)}";
        }
        if (Mismatch().Match(error.Message) is { Success: true } mismatch)
            return Shape(mismatch.Groups["value"].Value, mismatch.Groups["pattern"].Value) ?? $"{mismatch.Groups["value"].Value} does not fit; expected: {Meaning(error.Path)}";
        if (Bound().Match(error.Message) is { Success: true } bound)
            return $"{bound.Groups["value"].Value} is out of bounds; give at {(bound.Groups["kind"].Value == "greater" ? "least" : "most")} {bound.Groups["bound"].Value}";
        if (error.Reason == FieldErrorReason.FieldValueDuplicate)
            return error.Message.Replace("Duplicate value: ", "", StringComparison.Ordinal) + " stands twice; remove one";
        var sentence = Prefix().Replace(error.Message, "");
        return sentence.StartsWith("metadata.name ", StringComparison.Ordinal) ? sentence["metadata.name ".Length..] : sentence;
    }

    /// <summary>What <c>kubectl explain</c> says about the field.</summary>
    private static string Meaning(string path)
    {
        JsonNode? schema = ModelDeploymentCrd.Json["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"];
        foreach (var part in Indexes().Replace(path, "").Split('.'))
        {
            schema = schema?["properties"]?[part] ?? schema?["items"]?["properties"]?[part];
        }
        return schema?["description"]?.GetValue<string>() ?? "see 'kubectl explain modeldeployment'";
    }

    private static string? Shape(string value, string pattern)
    {
        if (pattern.Contains("KMGTPE", StringComparison.Ordinal)) return $"{value} is no quantity; write it like 24Gi, 500m or \"0.9\"";
        if (pattern.Contains("ms|s|m|h", StringComparison.Ordinal)) return $"{value} is no duration; write it like 90s, 30m or 1h30m";
        return null;
    }

    [GeneratedRegex(@"\[[0-9]+\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Indexes();

    [GeneratedRegex("in body must be of type (?<expected>[a-z,]+): \"(?<found>[a-z]+)\"$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WrongType();

    [GeneratedRegex("^Invalid value: (?<value>.*?): \\S+ in body should match '(?<pattern>.*)'$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mismatch();

    [GeneratedRegex(@"^Invalid value: (?<value>\S+): \S+ in body should be (?<kind>greater|less) than or equal to (?<bound>\S+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Bound();

    [GeneratedRegex("^(Invalid value|Forbidden): ((\"([^\"\\\\]|\\\\.)*\"|-?[0-9]+): )?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Prefix();
}
