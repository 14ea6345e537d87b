using System.Globalization;
using System.Runtime.InteropServices;
using GpuStack.Modeling;

namespace GpuStack.Placement.Fleets;

/// <summary>A node's network as far as somebody published it in annotations; nodes themselves do not.</summary>
/// <param name="RoundTrip">Time of a small message to another node and back; null when unknown.</param>
/// <param name="BitsPerSecond">Bandwidth to other nodes in bits per second; null when unknown.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct NodeNetwork(TimeSpan? RoundTrip, long? BitsPerSecond)
{
    /// <summary>Annotation with the round trip to other nodes, a duration such as <c>0.1ms</c> or <c>50us</c>.</summary>
    public const string LatencyAnnotation = "inference.gpustack.io/network-latency";

    /// <summary>Annotation with the bandwidth to other nodes, a quantity in bits per second such as <c>25G</c>.</summary>
    public const string BandwidthAnnotation = "inference.gpustack.io/network-bandwidth";

    /// <summary>Bandwidth where none is known: 10 Gbit/s.</summary>
    public const long DefaultBitsPerSecond = 10_000_000_000;

    private const long MinBitsPerSecond = 1_000_000;
    private const long MaxBitsPerSecond = 100_000_000_000_000;
    private const int MaxLength = 32;

    /// <summary>Suffixes of quantities; bits per second are decimal as a rule.</summary>
    private static readonly (string Suffix, decimal Factor)[] s_quantities =
    [
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40),
        ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000), ("", 1),
    ];

    /// <summary>Units of durations in ticks of 100 ns; longer suffixes before their own ends.</summary>
    private static readonly (string Suffix, decimal Ticks)[] s_durations =
    [
        ("ns", 0.01m), ("us", 10), ("µs", 10), ("μs", 10), ("ms", 10_000), ("s", 10_000_000),
    ];

    /// <summary>Round trip where none is known: two hosts of one data centre, 0.2 ms.</summary>
    public static TimeSpan DefaultRoundTrip { get; } = TimeSpan.FromMicroseconds(200);

    /// <summary>The longest round trip that is believed.</summary>
    private static TimeSpan MaxRoundTrip { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The round trip, or the default.</summary>
    public TimeSpan RoundTripOrDefault => RoundTrip ?? DefaultRoundTrip;

    /// <summary>The bandwidth in bits per second, or the default.</summary>
    public long BitsPerSecondOrDefault => BitsPerSecond ?? DefaultBitsPerSecond;

    /// <summary>Reads a node's annotations; what is malformed or out of bounds counts as unknown.</summary>
    /// <param name="annotations">All annotations of the node.</param>
    /// <returns>What they say.</returns>
    public static NodeNetwork Read(IReadOnlyDictionary<string, string> annotations) =>
        new(Duration(annotations.GetValueOrDefault(LatencyAnnotation)), Bandwidth(annotations.GetValueOrDefault(BandwidthAnnotation)));

    /// <summary>What two nodes see of each other: the longer round trip and the smaller bandwidth, each by default where one is unknown.</summary>
    /// <param name="one">A node.</param>
    /// <param name="other">Another.</param>
    /// <returns>The path between them.</returns>
    public static NodeNetwork Between(in NodeNetwork one, in NodeNetwork other) => new(
        one.RoundTripOrDefault > other.RoundTripOrDefault ? one.RoundTripOrDefault : other.RoundTripOrDefault,
        Math.Min(one.BitsPerSecondOrDefault, other.BitsPerSecondOrDefault));

    /// <summary>How long data takes over this network: a worker's first load of 40 GB at 10 Gbit/s takes 32 s.</summary>
    /// <param name="size">How much.</param>
    /// <returns>The time on the wire.</returns>
    public TimeSpan TransferTime(Bytes size) => TimeSpan.FromSeconds((double)size.Value * 8 / BitsPerSecondOrDefault);

    private static TimeSpan? Duration(string? text) =>
        Number(text, s_durations, out var ticks) && ticks >= 1 && ticks <= MaxRoundTrip.Ticks ? TimeSpan.FromTicks((long)ticks) : null;

    private static long? Bandwidth(string? text) =>
        Number(text, s_quantities, out var bits) && bits is >= MinBitsPerSecond and <= MaxBitsPerSecond ? (long)bits : null;

    private static bool Number(string? text, (string Suffix, decimal Factor)[] units, out decimal value)
    {
        value = 0;
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength)
            return false;
        foreach (var (suffix, factor) in units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal))
                continue;
            if (!decimal.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                || number > MaxBitsPerSecond)
                return false;
            value = number * factor;
            return true;
        }

        return false;
    }
}
