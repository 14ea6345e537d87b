using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Yaml;

/// <summary>What a YAML scalar is in JSON.</summary>
internal static class YamlScalar
{
    public static JsonNode? ToJson(string? text, bool isPlain, string? tag)
    {
        if (tag == "tag:yaml.org,2002:str" || (!isPlain && tag is null or "!")) return JsonValue.Create(text ?? "");
        switch (text)
        {
            case null or "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
        }

        if (TryInteger(text, out var integer)) return JsonValue.Create(integer);
        if (TryFloat(text, out var number)) return JsonValue.Create(number);
        return JsonValue.Create(text);
    }

    private static bool TryInteger(string text, out long value)
    {
        value = 0;
        var negative = text[0] == '-';
        var digits = text.AsSpan(text[0] is '-' or '+' ? 1 : 0);
        if (digits.IsEmpty || !char.IsAsciiDigit(digits[0])) return false;
        if (digits.Length > 1 && digits[0] == '0')
        {
            var radix = digits[1] switch { 'x' or 'X' => 16, 'b' or 'B' => 2, _ => 8 };
            var rest = digits[1] is 'x' or 'X' or 'b' or 'B' or 'o' or 'O' ? digits[2..] : digits[1..];
            if (!TryRadix(rest, radix, out value)) return false;
            if (negative) value = -value;
            return true;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryRadix(ReadOnlySpan<char> digits, int radix, out long value)
    {
        value = 0;
        if (digits.IsEmpty) return false;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : int.MaxValue;
            if (digit >= radix || value > (long.MaxValue - digit) / radix) return false;
            value = value * radix + digit;
        }

        return true;
    }

    private static bool TryFloat(string text, out double value)
    {
        value = 0;
        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('-' or '+' or '.')) return false;
        return !text.EndsWith("Infinity", StringComparison.Ordinal)
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }
}
