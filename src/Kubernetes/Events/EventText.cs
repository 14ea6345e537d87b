using System.Globalization;
using System.Text;

namespace GpuStack.Kubernetes.Events;

/// <summary>Texts within the bounds that API servers set for events. They count bytes of UTF-8.</summary>
internal static class EventText
{
    public const int MaxNote = 1024;
    public const int MaxWord = 128;

    /// <summary>The longest name of an object, less a dot and 16 hexadecimal digits.</summary>
    private const int MaxPrefix = 253 - 17;

    public static string Note(string note) => Cut(note, MaxNote, "…");

    public static string Word(string word) => Cut(word.Length == 0 ? "Unknown" : word, MaxWord, "");

    /// <summary>As client-go names events: the object's name and the moment in hexadecimal nanoseconds.</summary>
    public static string Name(string? regarding, long nanoseconds)
    {
        var prefix = regarding ?? "";
        if (prefix.Length > MaxPrefix) prefix = prefix[..MaxPrefix];
        // Names such as system:node are allowed for some kinds, but not for events.
        prefix = string.Create(prefix.Length, prefix, static (span, name) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] == '.' ? char.ToLowerInvariant(name[i]) : '-';
        });
        prefix = string.Join('.', prefix.Split('.').Select(label => label.Trim('-')).Where(label => label.Length > 0));
        return string.Create(CultureInfo.InvariantCulture, $"{(prefix.Length == 0 ? "unnamed" : prefix)}.{nanoseconds:x}");
    }

    private static string Cut(string text, int max, string end)
    {
        if (Encoding.UTF8.GetByteCount(text) <= max) return text;
        var room = max - Encoding.UTF8.GetByteCount(end);
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if ((room -= rune.Utf8SequenceLength) < 0) break;
            length += rune.Utf16SequenceLength;
        }

        return string.Concat(text.AsSpan(0, length), end);
    }
}
