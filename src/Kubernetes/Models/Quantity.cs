using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>
/// An amount of a resource, as Kubernetes writes it: <c>1536Mi</c>, <c>250m</c>, <c>0.9</c>, <c>1e3</c>.
/// </summary>
/// <remarks>
/// Held exactly, in billionths (what is smaller is rounded away from zero, as the API server does), together with the
/// family of suffixes it was written in. Equality and order look at the amount alone: <c>1Ki</c> equals <c>1024</c>.
/// The range is about ±1.7e29; binary amounts are capped at 2^63-1 as the API server caps them.
/// </remarks>
[JsonConverter(typeof(QuantityJsonConverter))]
[StructLayout(LayoutKind.Auto)]
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    private const long NanosPerUnit = 1_000_000_000;

    private readonly Int128 _nanos;

    internal Quantity(Int128 nanos, QuantityFormat format)
    {
        _nanos = nanos;
        Format = format;
    }

    /// <summary>A whole amount.</summary>
    public Quantity(long value, QuantityFormat format = QuantityFormat.DecimalSI) : this((Int128)value * NanosPerUnit, format)
    {
    }

    /// <summary>Reads <paramref name="text"/> as <see cref="Parse"/> does.</summary>
    /// <exception cref="FormatException">The text is no quantity.</exception>
    public Quantity(string text) => this = Parse(text);

    /// <summary>The family of suffixes used by <see cref="ToString"/>.</summary>
    public QuantityFormat Format { get; }

    /// <summary>The amount in billionths, exact.</summary>
    internal Int128 Nanos => _nanos;

    /// <summary>An amount of bytes, written with binary suffixes.</summary>
    public static Quantity FromBytes(long bytes) => new(bytes, QuantityFormat.BinarySI);

    /// <summary>An amount in thousandths, such as millicores.</summary>
    public static Quantity FromMilli(long milli) => new((Int128)milli * (NanosPerUnit / 1000), QuantityFormat.DecimalSI);

    /// <summary>Reads a quantity.</summary>
    /// <exception cref="FormatException">The text is no quantity, or is out of range.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var quantity)
        ? quantity
        : throw new FormatException(
            $"'{text}' is not a quantity; expected a number with an optional suffix n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or an exponent, such as 16Gi, 250m or 0.9.");

    /// <summary>Reads a quantity; false when the text is none or is out of range.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Quantity quantity) => QuantityText.TryParse(text, out quantity);

    /// <summary>The amount rounded up (away from zero) to whole units, as the API server's Value().</summary>
    /// <exception cref="OverflowException">The amount is beyond 64 bits.</exception>
    public long ToInt64() => checked((long)DivideAwayFromZero(_nanos, NanosPerUnit));

    /// <summary>The amount rounded up (away from zero) to thousandths, as the API server's MilliValue().</summary>
    /// <exception cref="OverflowException">The amount is beyond 64 bits.</exception>
    public long ToMilli() => checked((long)DivideAwayFromZero(_nanos, NanosPerUnit / 1000));

    /// <summary>The amount as a binary floating-point number, for ratios; not exact.</summary>
    public double ToDouble() => (double)_nanos / NanosPerUnit;

    /// <summary>The amount as a decimal.</summary>
    /// <exception cref="OverflowException">The amount is beyond a decimal's range.</exception>
    public decimal ToDecimal() => (decimal)(_nanos / NanosPerUnit) + (decimal)(_nanos % NanosPerUnit) / NanosPerUnit;

    /// <summary>The canonical text, as the API server writes it.</summary>
    public override string ToString() => QuantityText.Write(_nanos, Format);

    /// <inheritdoc/>
    public bool Equals(Quantity other) => _nanos == other._nanos;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _nanos.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(Quantity other) => _nanos.CompareTo(other._nanos);

    /// <summary>The sum, in the left operand's format unless that is zero.</summary>
    public static Quantity Add(Quantity left, Quantity right) =>
        new(checked(left._nanos + right._nanos), left._nanos == 0 ? right.Format : left.Format);

    /// <summary>The difference, in the left operand's format unless that is zero.</summary>
    public static Quantity Subtract(Quantity left, Quantity right) =>
        new(checked(left._nanos - right._nanos), left._nanos == 0 ? right.Format : left.Format);

    public static Quantity operator +(Quantity left, Quantity right) => Add(left, right);

    public static Quantity operator -(Quantity left, Quantity right) => Subtract(left, right);

    public static bool operator ==(Quantity left, Quantity right) => left.Equals(right);

    public static bool operator !=(Quantity left, Quantity right) => !left.Equals(right);

    public static bool operator <(Quantity left, Quantity right) => left._nanos < right._nanos;

    public static bool operator >(Quantity left, Quantity right) => left._nanos > right._nanos;

    public static bool operator <=(Quantity left, Quantity right) => left._nanos <= right._nanos;

    public static bool operator >=(Quantity left, Quantity right) => left._nanos >= right._nanos;

    /// <summary>Reads a quantity, so that object literals stay readable.</summary>
    /// <exception cref="FormatException">The text is no quantity.</exception>
    public static implicit operator Quantity(string text) => Parse(text);

    /// <summary>A whole amount with decimal suffixes.</summary>
    public static implicit operator Quantity(long value) => new(value);

    internal static Int128 DivideAwayFromZero(Int128 value, Int128 divisor)
    {
        var (quotient, remainder) = Int128.DivRem(value, divisor);
        if (remainder == 0) return quotient;
        return value < 0 ? quotient - 1 : quotient + 1;
    }
}
