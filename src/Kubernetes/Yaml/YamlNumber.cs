using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Yaml;

/// <summary>Numbers of plain scalars.</summary>
internal static class YamlNumber
{
    private static readonly System.Buffers.SearchValues<char> FloatCharacters = System.Buffers.SearchValues.Create("0123456789.eE+-");

    /// <summary>
    /// The number that <paramref name="text"/> spells in YAML 1.1 (decimal, hexadecimal, octal, floating-point); null when it is
    /// text.
    /// </summary>
    public static JsonNode? TryRead(string text)
    {
        var sign = text[0] is '-' or '+' ? 1 : 0;
        var digits = text.AsSpan(sign);
        if (digits.IsEmpty || text.Length > 64) return null;
        var negative = text[0] == '-';
        if (digits.StartsWith("0x") && long.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal) && hexadecimal >= 0)
            return JsonValue.Create(negative ? -hexadecimal : hexadecimal);
        if (digits.Length > 1 && digits[0] == '0' && Octal(digits) is { } octal) return JsonValue.Create(negative ? -octal : octal);
        if (digits.Length > 1 && digits[0] == '0' && !digits.ContainsAnyExceptInRange('0', '9')) return null;
        if (!digits.ContainsAnyExceptInRange('0', '9') && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return JsonValue.Create(whole);
        if (digits.ContainsAnyExcept(FloatCharacters) || !digits.ContainsAnyInRange('0', '9') || !(char.IsAsciiDigit(digits[0]) || digits[0] == '.'))
            return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? JsonValue.Create(real) : null;
    }

    /// <summary><c>0o17</c> as in YAML 1.2 or <c>017</c> as in YAML 1.1.</summary>
    private static long? Octal(ReadOnlySpan<char> digits)
    {
        digits = digits[1] == 'o' ? digits[2..] : digits[1..];
        if (digits.IsEmpty || digits.Length > 20 || digits.ContainsAnyExceptInRange('0', '7')) return null;
        return Convert.ToInt64(digits.ToString(), 8);
    }
}
