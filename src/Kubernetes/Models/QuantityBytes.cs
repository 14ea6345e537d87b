namespace GpuStack.Kubernetes.Models;

/// <summary>
/// Reads the quantities that are usual (<c>1500m</c>, <c>3Gi</c>, <c>8</c>, <c>0.5</c>) from their bytes, with machine arithmetic and
/// without memory. What it reads is what <see cref="QuantityText"/> reads; what it refuses is left to that.
/// </summary>
internal static class QuantityBytes
{
    private const int MaxDigits = 18;

    public static bool TryRead(ReadOnlySpan<byte> utf8, out Quantity quantity)
    {
        quantity = default;
        long mantissa = 0;
        var (digits, fraction) = (0, -1);
        var at = 0;
        for (; at < utf8.Length; at++)
        {
            var one = utf8[at];
            if (one == '.' && fraction < 0)
            {
                fraction = 0;
                continue;
            }

            if (one is < (byte)'0' or > (byte)'9') break;
            if (++digits > MaxDigits) return false;
            if (fraction >= 0) fraction++;
            mantissa = mantissa * 10 + (one - '0');
        }

        if (digits == 0) return false;
        return utf8[at..] switch
        {
            [] => Decimal(mantissa, fraction, 9, out quantity),
            [(byte)'m'] => Decimal(mantissa, fraction, 6, out quantity),
            [(byte)'k'] => Decimal(mantissa, fraction, 12, out quantity),
            [(byte)'M'] => Decimal(mantissa, fraction, 15, out quantity),
            [(byte)'G'] => Decimal(mantissa, fraction, 18, out quantity),
            [(byte)'K', (byte)'i'] => Binary(mantissa, fraction, 10, out quantity),
            [(byte)'M', (byte)'i'] => Binary(mantissa, fraction, 20, out quantity),
            [(byte)'G', (byte)'i'] => Binary(mantissa, fraction, 30, out quantity),
            [(byte)'T', (byte)'i'] => Binary(mantissa, fraction, 40, out quantity),
            _ => false,
        };
    }

    private static bool Decimal(long mantissa, int fraction, int exponent, out Quantity quantity)
    {
        quantity = default;
        if (fraction > 0) exponent -= fraction;
        // Finer than a billionth: rounding is the other's.
        if (exponent < 0) return false;
        Int128 nanos = mantissa;
        for (; exponent > 0; exponent--) nanos *= 10;
        quantity = new Quantity(nanos, QuantityFormat.DecimalSI);
        return true;
    }

    private static bool Binary(long mantissa, int fraction, int shift, out Quantity quantity)
    {
        quantity = default;
        var whole = (Int128)mantissa << shift;
        // Beyond 64 bits amounts are capped; parts of a unit are rounded and written otherwise.
        if (fraction > 0 || whole > long.MaxValue) return false;
        quantity = new Quantity(whole * 1_000_000_000, QuantityFormat.BinarySI);
        return true;
    }
}
