using System.Globalization;
using System.Text;
using GpuStack.Kubernetes.Logging;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>
/// Labels as the text format of Prometheus has them: <c>code="200",method="GET"</c>, sorted by name. The same labels in
/// another order are the same text.
/// </summary>
internal static class LabelText
{
    /// <summary>What a label's value is cut to, in UTF-16 units: nothing that a server sends may grow without bound.</summary>
    public const int LongestValue = 512;

    // A scrape makes texts by the ten thousand. What one call leaves in them, the next one clears.
    [ThreadStatic]
    private static List<(string Name, string Value)>? _labels;

    [ThreadStatic]
    private static StringBuilder? _text;

    public static string Of(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var labels = _labels ??= [];
        labels.Clear();
        foreach (var (name, value) in tags)
        {
            var valid = Name(name, colons: false);
            // A name that is there twice would make the whole answer unreadable; le belongs to the buckets.
            if (valid == "le" || Contains(labels, valid)) continue;
            labels.Add((valid, value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
        }

        labels.Sort(static (x, y) => string.CompareOrdinal(x.Name, y.Name));
        var text = _text ??= new StringBuilder();
        text.Clear();
        foreach (var (name, value) in labels)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(name).Append("=\"");
            Escape(text, value);
            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>The name itself where it is allowed; other characters become underscores.</summary>
    public static string Name(string name, bool colons)
    {
        var valid = name.Length > 0 && !char.IsAsciiDigit(name[0]);
        foreach (var c in name) valid = valid && Allowed(c, colons);
        if (valid) return name;
        var text = new StringBuilder(name.Length + 1);
        if (name.Length == 0 || char.IsAsciiDigit(name[0])) text.Append('_');
        foreach (var c in name) text.Append(Allowed(c, colons) ? c : '_');
        return text.ToString();
    }

    private static bool Contains(List<(string Name, string Value)> labels, string name)
    {
        foreach (var label in labels)
        {
            if (label.Name == name) return true;
        }

        return false;
    }

    private static bool Allowed(char c, bool colons) => char.IsAsciiLetterOrDigit(c) || c == '_' || (colons && c == ':');

    private static void Escape(StringBuilder text, string value)
    {
        foreach (var c in value.AsSpan(0, Bounded.Length(value, LongestValue)))
        {
            switch (c)
            {
                case '\\':
                    text.Append("\\\\");
                    break;
                case '"':
                    text.Append("\\\"");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }
    }
}
