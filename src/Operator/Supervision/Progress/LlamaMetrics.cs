using System.Globalization;

namespace GpuStack.Operator.Supervision.Progress;

/// <summary>Reads the two figures of llama-server's metrics (Prometheus text) that tell progress. Pure.</summary>
internal static class LlamaMetrics
{
    private const string Processing = "llamacpp:requests_processing";
    private const string Decodes = "llamacpp:n_decode_total";

    public static EngineSample Read(string text)
    {
        double? processing = null, decodes = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (Value(line, Processing) is { } requests)
                processing = requests;
            else if (Value(line, Decodes) is { } calls)
                decodes = calls;
        }
        return processing is { } p && decodes is { } d ? EngineSample.Of(p, d) : EngineSample.Unreadable;
    }

    private static double? Value(ReadOnlySpan<char> line, string name)
    {
        if (!line.StartsWith(name, StringComparison.Ordinal))
            return null;
        var rest = line[name.Length..];
        if (rest.StartsWith("{"))
        {
            var end = rest.IndexOf('}');
            if (end < 0)
                return null;
            rest = rest[(end + 1)..];
        }
        if (rest.IsEmpty || rest[0] is not (' ' or '\t'))
            return null;
        rest = rest.Trim();
        // A time stamp may follow the value.
        var space = rest.IndexOfAny(' ', '\t');
        if (space >= 0)
            rest = rest[..space];
        return double.TryParse(rest, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;
    }
}
