using System.Globalization;
using System.Text.Json;

namespace GpuStack.Kubernetes.Models;

/// <summary>The two ways in which Kubernetes writes a moment, both in UTC.</summary>
public static class KubernetesTime
{
    /// <summary>As metav1.Time: whole seconds, <c>2026-11-22T01:27:43Z</c>.</summary>
    public static string ToTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>As metav1.MicroTime: exactly six fraction digits, <c>2026-11-22T01:27:43.000001Z</c>.</summary>
    public static string ToMicroTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads RFC 3339 with any number of fraction digits; what is finer than 100 ns is dropped.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time)
    {
        time = default;
        if (text is not { Length: >= 20 and <= 64 } || text[10] is not ('T' or 't')) return false;
        // .NET reads at most seven fraction digits; Go writes up to nine.
        if (text[19] == '.')
        {
            var end = 20;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            if (end - 20 > 7) text = string.Concat(text.AsSpan(0, 27), text.AsSpan(end));
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    /// <summary>Reads a JSON string as <see cref="TryParse"/> does; the usual forms from the bytes.</summary>
    internal static bool TryRead(ref Utf8JsonReader reader, out DateTimeOffset time)
    {
        time = default;
        if (reader.TokenType != JsonTokenType.String) return false;
        var isUsual = !reader.HasValueSequence && !reader.ValueIsEscaped && reader.ValueSpan is [.., (byte)'Z'] and { Length: 20 or 27 }
            && reader.ValueSpan[10] == 'T';
        return (isUsual && reader.TryGetDateTimeOffset(out time)) || TryParse(reader.GetString(), out time);
    }
}
