using System.Globalization;

namespace GpuStack.Operator.Supervision.Progress;

/// <summary>One line of Prometheus text: <c>name{labels} value [time]</c>. Pure.</summary>
internal static class MetricsText
{
    private const string Total = "_total";

    /// <summary>
    /// Reads a sample. Its name is given with an underscore for the colon and without <c>_total</c>: exporters of one engine differ in both.
    /// False for comments, and for values that are no finite number.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<char> line, Span<char> buffer, out ReadOnlySpan<char> name, out double value)
    {
        name = default;
        value = 0;
        var end = line.IndexOfAny('{', ' ', '\t');
        if (end <= 0 || end > buffer.Length || line[0] == '#')
            return false;
        line[..end].Replace(buffer, ':', '_');
        name = buffer[..end];
        if (name.EndsWith(Total, StringComparison.Ordinal))
            name = name[..^Total.Length];
        return TryValue(line[end..], out value);
    }

    private static bool TryValue(ReadOnlySpan<char> rest, out double value)
    {
        value = 0;
        if (rest[0] == '{')
        {
            // A label's text may hold a brace; what follows the labels does not.
            var close = rest.LastIndexOf('}');
            if (close < 0)
                return false;
            rest = rest[(close + 1)..];
        }
        if (rest.IsEmpty || rest[0] is not (' ' or '\t'))
            return false;
        rest = rest.Trim();
        // A time stamp may follow the value.
        var space = rest.IndexOfAny(' ', '\t');
        if (space >= 0)
            rest = rest[..space];
        return double.TryParse(rest, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }
}
