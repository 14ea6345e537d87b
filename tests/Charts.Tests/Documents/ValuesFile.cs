using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GpuStack.Charts.Tests.Documents;

/// <summary>
/// The chart's <c>values.yaml</c> with its comments. A comment belongs to the key below it. A key with keys below it is a value as a whole if
/// it has a comment and none of them has; else it is a group of values.
/// </summary>
internal static partial class ValuesFile
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Path { get; } = System.IO.Path.Combine(Repository.Chart, "values.yaml");

    public static IReadOnlyList<DocumentedValue> Read()
    {
        var defaults = Repository.ReadYaml(Path);
        var keys = Keys().ToList();
        var documented = new List<DocumentedValue>();
        foreach (var (path, comment) in keys)
        {
            var below = keys.Where(other => other.Path.StartsWith($"{path}.", StringComparison.Ordinal)).ToList();
            // What is below a value as a whole is its default.
            if (documented.Exists(one => path.StartsWith($"{one.Path}.", StringComparison.Ordinal)))
                continue;
            if (below.Count == 0 || (comment.Length > 0 && below.TrueForAll(other => other.Comment.Length == 0)))
                documented.Add(new DocumentedValue(path, At(defaults, path)?.ToJsonString(Json) ?? "null", comment));
        }
        return documented;
    }

    private static IEnumerable<(string Path, string Comment)> Keys()
    {
        var above = new List<(int Indent, string Key)>();
        var comment = new List<string>();
        foreach (var line in File.ReadLines(Path))
        {
            if (line.TrimStart().StartsWith('#'))
            {
                comment.Add(line.TrimStart().TrimStart('#').Trim());
                continue;
            }
            if (KeyLine().Match(line) is { Success: true } key)
            {
                var indent = key.Groups["indent"].Length;
                above.RemoveAll(one => one.Indent >= indent);
                above.Add((indent, key.Groups["key"].Value));
                yield return (string.Join('.', above.Select(one => one.Key)), string.Join(' ', comment));
            }
            comment.Clear();
        }
    }

    private static JsonNode? At(JsonNode? node, string path) => path.Split('.').Aggregate(node, (at, key) => at?[key]);

    [GeneratedRegex("^(?<indent> *)(?<key>[A-Za-z_]+):", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyLine();
}
