using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuStack.Kubernetes.Tests.Metrics;

/// <summary>
/// Reads Prometheus' text format 0.0.4, and takes nothing that its specification does not allow: one HELP and one TYPE per
/// metric and before its samples, all lines of a metric together, each series once, complete histograms, a line feed at the
/// end.
/// </summary>
internal sealed partial class PrometheusText
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _helps = new(StringComparer.Ordinal);
    private string? _metric;

    /// <summary>Names in their order.</summary>
    public IReadOnlyList<string> Metrics => _order;

    /// <summary>By name and labels, these sorted by name and unescaped: <c>name{a=x,b=y}</c>.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    public IReadOnlyDictionary<string, string> Types => _types;

    public static PrometheusText Parse(string text)
    {
        if (text.Length == 0) return new PrometheusText();
        if (!text.EndsWith('\n')) throw new FormatException("The last line has no end.");
        var result = new PrometheusText();
        foreach (var line in text[..^1].Split('\n')) result.Line(line);
        foreach (var (name, type) in result._types)
        {
            if (type == "histogram") result.CheckHistogram(name);
        }

        return result;
    }

    [GeneratedRegex("^[a-zA-Z_:][a-zA-Z0-9_:]*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MetricName();

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_]*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelName();

    private static FormatException Wrong(string what, string line) => new($"{what}: {line}");

    private static double Number(string text, string line) => text switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) => value,
        _ => throw Wrong("No number", line),
    };

    private void Line(string line)
    {
        if (line.StartsWith("# HELP ", StringComparison.Ordinal) || line.StartsWith("# TYPE ", StringComparison.Ordinal)) Header(line);
        else if (line.Length == 0 || line[0] == '#') throw Wrong("Neither a header nor a sample", line);
        else Sample(line);
    }

    private void Header(string line)
    {
        var parts = line.Split(' ', 4);
        var (kind, name) = (parts[1], parts[2]);
        if (parts.Length != 4 || !MetricName().IsMatch(name)) throw Wrong("No header", line);
        if (kind == "HELP")
        {
            if (!_helps.Add(name)) throw Wrong("A second HELP", line);
            if (_types.ContainsKey(name)) throw Wrong("HELP after TYPE", line);
            Begin(name, line);
            var unescaped = parts[3].Replace("\\\\", "", StringComparison.Ordinal).Replace("\\n", "", StringComparison.Ordinal);
            if (unescaped.Contains('\\', StringComparison.Ordinal)) throw Wrong("A backslash that escapes nothing", line);
            return;
        }

        if (parts[3] is not ("counter" or "gauge" or "histogram" or "summary" or "untyped")) throw Wrong("No type", line);
        if (_metric != name) Begin(name, line);
        if (!_types.TryAdd(name, parts[3])) throw Wrong("A second TYPE", line);
    }

    private void Begin(string name, string line)
    {
        if (_order.Contains(name)) throw Wrong("The metric was before another one already", line);
        _order.Add(name);
        _metric = name;
    }

    private void Sample(string line)
    {
        var end = line.IndexOfAny(['{', ' ']);
        if (end < 0) throw Wrong("No value", line);
        var name = line[..end];
        if (!MetricName().IsMatch(name)) throw Wrong("No name of a metric", line);
        if (_metric is null || !Belongs(name)) throw Wrong("A sample outside its metric", line);
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (line[end] == '{') end = Labels(line, end + 1, labels);
        if (end >= line.Length || line[end] != ' ') throw Wrong("No blank before the value", line);
        var value = Number(line[(end + 1)..], line);
        var key = labels.Count == 0 ? name : $"{name}{{{string.Join(',', labels.Select(l => $"{l.Key}={l.Value}"))}}}";
        if (!_samples.TryAdd(key, value)) throw Wrong("The series was there already", line);
    }

    private bool Belongs(string name) => _types.GetValueOrDefault(_metric!) == "histogram"
        ? name == _metric + "_bucket" || name == _metric + "_sum" || name == _metric + "_count"
        : name == _metric;

    /// <summary>From after the opening brace to after the closing one.</summary>
    private static int Labels(string line, int at, SortedDictionary<string, string> labels)
    {
        while (true)
        {
            var equals = line.IndexOf('=', at);
            if (equals < 0 || !LabelName().IsMatch(line[at..equals])) throw Wrong("No name of a label", line);
            var name = line[at..equals];
            at = equals + 1;
            if (at >= line.Length || line[at] != '"') throw Wrong("No quote before a label's value", line);
            var value = new StringBuilder();
            for (at++; ; at++)
            {
                if (at >= line.Length) throw Wrong("A label's value has no end", line);
                if (line[at] == '"') break;
                if (line[at] != '\\')
                {
                    value.Append(line[at]);
                    continue;
                }

                at++;
                value.Append(at < line.Length ? line[at] switch { '\\' => '\\', '"' => '"', 'n' => '\n', _ => throw Wrong("An unknown escape", line) } : throw Wrong("An escape of nothing", line));
            }

            if (!labels.TryAdd(name, value.ToString())) throw Wrong("A label twice", line);
            at++;
            if (at < line.Length && line[at] == '}') return at + 1;
            if (at >= line.Length || line[at] != ',') throw Wrong("No comma between labels", line);
            at++;
        }
    }

    /// <summary>Of every series: ascending bounds with counts that do not fall, the last one without a bound and equal to the count.</summary>
    private void CheckHistogram(string name)
    {
        foreach (var (series, count) in _samples.Where(s => s.Key == name + "_count" || s.Key.StartsWith(name + "_count{", StringComparison.Ordinal)).ToList())
        {
            var labels = series[(name.Length + "_count".Length)..].Trim('{', '}');
            if (!_samples.ContainsKey($"{name}_sum{series[(name.Length + "_count".Length)..]}")) throw Wrong("No sum", series);
            var buckets = _samples
                .Where(s => s.Key.StartsWith(name + "_bucket{", StringComparison.Ordinal))
                .Select(s => (Labels: s.Key[(name.Length + "_bucket{".Length)..^1].Split(','), s.Value))
                .Where(b => string.Join(',', b.Labels.Where(l => !l.StartsWith("le=", StringComparison.Ordinal))) == labels)
                .Select(b => (Bound: Number(b.Labels.Single(l => l.StartsWith("le=", StringComparison.Ordinal))[3..], series), b.Value))
                .ToList();
            if (buckets.Count == 0 || !double.IsPositiveInfinity(buckets[^1].Bound)) throw Wrong("No bucket without a bound", series);
            if (buckets[^1].Value != count) throw Wrong("The last bucket is not the count", series);
            if (buckets.Zip(buckets.Skip(1)).Any(pair => pair.First.Bound >= pair.Second.Bound || pair.First.Value > pair.Second.Value)) throw Wrong("Buckets that are not cumulative", series);
        }
    }
}
