using System.Runtime.InteropServices;

namespace GpuStack.Placement.Fleets;

/// <summary>A node's network as far as somebody published it; nodes themselves do not.</summary>
/// <param name="RoundTrip">Time of a small message to another node and back; null when unknown.</param>
/// <param name="BitsPerSecond">Bandwidth to other nodes in bits per second; null when unknown.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct NodeNetwork(TimeSpan? RoundTrip, long? BitsPerSecond)
{
    /// <summary>Round trip where none is known: two hosts of one data centre, 0.2 ms.</summary>
    public static readonly TimeSpan DefaultRoundTrip = TimeSpan.FromMicroseconds(200);

    /// <summary>Bandwidth where none is known: 10 Gbit/s.</summary>
    public const long DefaultBitsPerSecond = 10_000_000_000;

    /// <summary>The round trip, or the default.</summary>
    public TimeSpan RoundTripOrDefault => RoundTrip ?? DefaultRoundTrip;

    /// <summary>The bandwidth in bits per second, or the default.</summary>
    public long BitsPerSecondOrDefault => BitsPerSecond ?? DefaultBitsPerSecond;

    /// <summary>What two nodes see of each other: the longer round trip and the smaller bandwidth, each by default where one is unknown.</summary>
    /// <param name="one">A node.</param>
    /// <param name="other">Another.</param>
    /// <returns>The path between them.</returns>
    public static NodeNetwork Between(in NodeNetwork one, in NodeNetwork other) => new(
        one.RoundTripOrDefault > other.RoundTripOrDefault ? one.RoundTripOrDefault : other.RoundTripOrDefault,
        Math.Min(one.BitsPerSecondOrDefault, other.BitsPerSecondOrDefault));
}
