using System.Text.RegularExpressions;

namespace GpuStack.EndToEnd.Metrics;

/// <summary>The generated table of metrics.</summary>
internal static partial class MetricTable
{
    public static string Committed { get; } = Repository.PathOf("docs", "guides", "metrics.md");

    /// <summary>Lines such as <c>name type label,label</c>, the labels sorted; sorted themselves.</summary>
    public static IReadOnlyList<string> Read() =>
    [
        .. File.ReadLines(Committed).Select(line => Row().Match(line)).Where(match => match.Success)
            .Select(match => Line(match.Groups["name"].Value, match.Groups["type"].Value, match.Groups["labels"].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(label => label.Trim('`'))))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The same of what was scraped in the text format.</summary>
    public static IReadOnlyList<string> Of(string scrape)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        string name = "", type = "";
        foreach (var line in scrape.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                (name, type) = (line.Split(' ')[2], line.Split(' ')[3]);
            }
            else if (line[0] != '#')
            {
                var braces = line.IndexOf('{', StringComparison.Ordinal);
                var labels = braces < 0 ? [] : Label().Matches(line[braces..line.LastIndexOf('}')]).Select(match => match.Groups["label"].Value).Where(label => label != "le");
                found.Add(Line(name, type, labels));
            }
        }
        return [.. found];
    }

    private static string Line(string name, string type, IEnumerable<string> labels) => $"{name} {type} {string.Join(',', labels.Order(StringComparer.Ordinal))}";

    [GeneratedRegex(@"^\| `(?<name>[a-z_]+)` \| (?<type>\w+) \| [^|]* \| (?<labels>[^|]*) \|", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"[{,](?<label>\w+)=""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();
}
