using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>A span of time as Go and Kubernetes write it: <c>1h30m</c>, <c>1.5s</c>, <c>300ms</c>; exact in nanoseconds.</summary>
[JsonConverter(typeof(KubernetesDurationJsonConverter))]
public readonly struct KubernetesDuration : IEquatable<KubernetesDuration>, IComparable<KubernetesDuration>
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private const long Microsecond = 1000;
    private const long Millisecond = 1000 * Microsecond;
    private const long Second = 1000 * Millisecond;

    /// <summary>A span of whole nanoseconds.</summary>
    public KubernetesDuration(long nanoseconds) => Nanoseconds = nanoseconds;

    /// <summary>A span of .NET's 100 ns ticks.</summary>
    /// <exception cref="OverflowException">More than about 292 years.</exception>
    public KubernetesDuration(TimeSpan span) => Nanoseconds = checked(span.Ticks * TimeSpan.NanosecondsPerTick);

    /// <summary>Nanoseconds.</summary>
    public long Nanoseconds { get; }

    /// <summary>The span in .NET's 100 ns ticks; finer parts are dropped.</summary>
    public TimeSpan ToTimeSpan() => new(Nanoseconds / TimeSpan.NanosecondsPerTick);

    /// <summary>Reads a duration.</summary>
    /// <exception cref="FormatException">The text is no duration.</exception>
    public static KubernetesDuration Parse(string text) => TryParse(text, out var duration)
        ? duration
        : throw new FormatException($"'{text}' is not a duration; expected numbers with the units h, m, s, ms, us or ns, such as 1h30m or 90s.");

    /// <summary>Reads a duration; false when the text is none or is beyond 64 bits of nanoseconds.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out KubernetesDuration duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text) || text.Length > 128) return false;
        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        if (rest[0] is '-' or '+') rest = rest[1..];
        if (rest.SequenceEqual("0")) return true;
        if (rest.IsEmpty) return false;

        var total = BigInteger.Zero;
        while (!rest.IsEmpty)
        {
            var unitStart = rest.IndexOfAnyExcept(NumberCharacters);
            if (unitStart <= 0) return false;
            var number = rest[..unitStart];
            rest = rest[unitStart..];
            var unitEnd = rest.IndexOfAny(NumberCharacters);
            var unit = unitEnd < 0 ? rest : rest[..unitEnd];
            rest = unitEnd < 0 ? [] : rest[unitEnd..];

            var point = number.IndexOf('.');
            var whole = point < 0 ? number : number[..point];
            var fraction = point < 0 ? [] : number[(point + 1)..];
            if (whole.IsEmpty && fraction.IsEmpty || fraction.Contains('.')) return false;
            var scale = UnitNanoseconds(unit);
            if (scale == 0) return false;
            if (!whole.IsEmpty) total += BigInteger.Parse(whole, NumberStyles.None, CultureInfo.InvariantCulture) * scale;
            if (!fraction.IsEmpty)
                total += BigInteger.Parse(fraction, NumberStyles.None, CultureInfo.InvariantCulture) * scale / BigInteger.Pow(10, fraction.Length);
        }

        if (negative) total = -total;
        if (total < long.MinValue || total > long.MaxValue) return false;
        duration = new KubernetesDuration((long)total);
        return true;
    }

    /// <summary>Go's canonical text, such as <c>1h30m0s</c>, <c>1.5s</c>, <c>300ms</c>, <c>0s</c>.</summary>
    public override string ToString()
    {
        if (Nanoseconds == 0) return "0s";
        var text = new StringBuilder();
        if (Nanoseconds < 0) text.Append('-');
        var rest = Nanoseconds < 0 ? (ulong)-(Int128)Nanoseconds : (ulong)Nanoseconds;
        if (rest < Second)
        {
            var (unit, name) = rest switch
            {
                < Microsecond => (1UL, "ns"),
                < Millisecond => ((ulong)Microsecond, "µs"),
                _ => ((ulong)Millisecond, "ms"),
            };
            AppendFraction(text, rest, unit);
            return text.Append(name).ToString();
        }

        var seconds = rest / Second;
        var (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        if (hours > 0) text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        if (hours > 0 || minutes > 0) text.Append(CultureInfo.InvariantCulture, $"{minutes}m");
        AppendFraction(text, rest % (60UL * Second), Second);
        return text.Append('s').ToString();
    }

    /// <inheritdoc/>
    public bool Equals(KubernetesDuration other) => Nanoseconds == other.Nanoseconds;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is KubernetesDuration other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Nanoseconds.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(KubernetesDuration other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public static bool operator ==(KubernetesDuration left, KubernetesDuration right) => left.Equals(right);

    public static bool operator !=(KubernetesDuration left, KubernetesDuration right) => !left.Equals(right);

    public static bool operator <(KubernetesDuration left, KubernetesDuration right) => left.Nanoseconds < right.Nanoseconds;

    public static bool operator >(KubernetesDuration left, KubernetesDuration right) => left.Nanoseconds > right.Nanoseconds;

    public static bool operator <=(KubernetesDuration left, KubernetesDuration right) => left.Nanoseconds <= right.Nanoseconds;

    public static bool operator >=(KubernetesDuration left, KubernetesDuration right) => left.Nanoseconds >= right.Nanoseconds;

    private static long UnitNanoseconds(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => Microsecond,
        "ms" => Millisecond,
        "s" => Second,
        "m" => 60 * Second,
        "h" => 3600 * Second,
        _ => 0,
    };

    private static void AppendFraction(StringBuilder text, ulong value, ulong unit)
    {
        text.Append(value / unit);
        var rest = value % unit;
        if (rest == 0) return;
        text.Append('.');
        for (; rest > 0; rest %= unit)
        {
            rest *= 10;
            text.Append((char)('0' + rest / unit));
        }
    }
}
