using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace GpuStack.Kubernetes.Models;

/// <summary>
/// Reads and writes quantities by the API server's rules.
/// </summary>
/// <remarks>
/// Reading: sign, digits with at most one point, suffix; anything finer than a billionth is rounded away from zero.
/// Writing: no fraction digits, no precision lost, the largest suffix that allows that. A binary amount that is below
/// 1024 or not whole falls back to decimal suffixes.
/// </remarks>
internal static class QuantityText
{
    /// <summary>Longer numerals than any quantity in range needs are refused before arithmetic is done on them.</summary>
    private const int MaxLength = 128;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly BigInteger NanosPerUnit = 1_000_000_000;
    private static readonly BigInteger MaxBinaryNanos = NanosPerUnit * long.MaxValue;

    public static bool TryParse(string? text, out Quantity quantity)
    {
        quantity = default;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength) return false;
        var span = text.AsSpan();
        var negative = span[0] == '-';
        if (span[0] is '-' or '+') span = span[1..];

        var end = span.IndexOfAnyExcept(NumberCharacters);
        var number = end < 0 ? span : span[..end];
        var suffix = end < 0 ? [] : span[end..];
        if (!TryParseDigits(number, out var mantissa, out var fractionDigits)) return false;
        if (!TryParseSuffix(suffix, out var format, out var tenExponent, out var twoExponent)) return false;

        var nanos = ToNanos(mantissa, tenExponent + 9 - fractionDigits, twoExponent);
        if (format == QuantityFormat.BinarySI)
        {
            if (nanos > MaxBinaryNanos) nanos = MaxBinaryNanos;
            if (nanos > 0 && nanos < NanosPerUnit) format = QuantityFormat.DecimalSI;
        }

        if (nanos > (BigInteger)Int128.MaxValue) return false;
        quantity = new Quantity((Int128)(negative ? -nanos : nanos), format);
        return true;
    }

    public static string Write(Int128 nanos, QuantityFormat format)
    {
        if (nanos == 0) return "0";
        Int128 unit = 1_000_000_000;
        if (format == QuantityFormat.BinarySI && nanos % unit == 0)
        {
            var whole = nanos / unit;
            if (whole <= -1024 || whole >= 1024) return WriteBinary(whole);
        }

        return WriteDecimal(nanos, format);
    }

    private static string WriteBinary(Int128 whole)
    {
        var suffix = 0;
        while (suffix < BinarySuffixes.Length - 1 && whole % 1024 == 0)
        {
            whole /= 1024;
            suffix++;
        }

        return whole.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[suffix];
    }

    private static string WriteDecimal(Int128 mantissa, QuantityFormat format)
    {
        var suffix = 0;
        while (suffix < DecimalSuffixes.Length - 1 && mantissa % 1000 == 0)
        {
            mantissa /= 1000;
            suffix++;
        }

        var exponent = suffix * 3 - 9;
        var digits = mantissa.ToString(CultureInfo.InvariantCulture);
        if (format != QuantityFormat.DecimalExponent) return digits + DecimalSuffixes[suffix];
        return exponent == 0 ? digits : $"{digits}e{exponent}";
    }

    private static bool TryParseDigits(ReadOnlySpan<char> number, out BigInteger mantissa, out int fractionDigits)
    {
        mantissa = default;
        fractionDigits = 0;
        var point = number.IndexOf('.');
        Span<char> digits = stackalloc char[MaxLength];
        int length;
        if (point < 0)
        {
            number.CopyTo(digits);
            length = number.Length;
        }
        else
        {
            var fraction = number[(point + 1)..];
            if (fraction.Contains('.')) return false;
            number[..point].CopyTo(digits);
            fraction.CopyTo(digits[point..]);
            length = point + fraction.Length;
            fractionDigits = fraction.Length;
        }

        return length > 0 && BigInteger.TryParse(digits[..length], NumberStyles.None, CultureInfo.InvariantCulture, out mantissa);
    }

    private static bool TryParseSuffix(ReadOnlySpan<char> suffix, out QuantityFormat format, out int tenExponent, out int twoExponent)
    {
        format = QuantityFormat.DecimalSI;
        tenExponent = 0;
        twoExponent = 0;
        for (var i = 0; i < DecimalSuffixes.Length; i++)
        {
            if (!suffix.SequenceEqual(DecimalSuffixes[i])) continue;
            tenExponent = i * 3 - 9;
            return true;
        }

        for (var i = 1; i < BinarySuffixes.Length; i++)
        {
            if (!suffix.SequenceEqual(BinarySuffixes[i])) continue;
            format = QuantityFormat.BinarySI;
            twoExponent = i * 10;
            return true;
        }

        if (suffix.Length < 2 || suffix[0] is not ('e' or 'E')) return false;
        format = QuantityFormat.DecimalExponent;
        return int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out tenExponent)
            && tenExponent is > -1000 and < 1000;
    }

    private static BigInteger ToNanos(BigInteger mantissa, int tenExponent, int twoExponent)
    {
        mantissa <<= twoExponent;
        if (tenExponent >= 0) return mantissa * BigInteger.Pow(10, tenExponent);
        var quotient = BigInteger.DivRem(mantissa, BigInteger.Pow(10, -tenExponent), out var remainder);
        return remainder.IsZero ? quotient : quotient + 1;
    }
}
