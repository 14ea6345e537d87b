using GpuStack.Modeling;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Tests.Fleets;

public sealed class NodeNetworkTests
{
    [Theory]
    [InlineData("0.1ms", 100.0)]
    [InlineData("50us", 50.0)]
    [InlineData("50µs", 50.0)]
    [InlineData("1500ns", 1.5)]
    [InlineData("0.0002s", 200.0)]
    [InlineData("1s", 1_000_000.0)]
    [InlineData("2s", null)]
    [InlineData("0ms", null)]
    [InlineData("-1ms", null)]
    [InlineData("1", null)]
    [InlineData("ms", null)]
    [InlineData("1e3us", null)]
    [InlineData("1h", null)]
    [InlineData("", null)]
    [InlineData("99999999999999999999999999999us", null)]
    public void Reads_the_round_trip(string text, double? microseconds) =>
        Assert.Equal(microseconds, Read(NodeNetwork.LatencyAnnotation, text).RoundTrip?.TotalMicroseconds);

    [Theory]
    [InlineData("25G", 25_000_000_000)]
    [InlineData("2.5G", 2_500_000_000L)]
    [InlineData("100000M", 100_000_000_000)]
    [InlineData("1Gi", 1L << 30)]
    [InlineData("400000000000", 400_000_000_000)]
    [InlineData("1k", null)]
    [InlineData("0", null)]
    [InlineData("-25G", null)]
    [InlineData("25Gbit", null)]
    [InlineData("G", null)]
    [InlineData("1000T", null)]
    [InlineData("79228162514264337593543950335T", null)]
    [InlineData("000000000000000000000000000000000001G", null)]
    public void Reads_the_bandwidth(string text, long? bits) =>
        Assert.Equal(bits, Read(NodeNetwork.BandwidthAnnotation, text).BitsPerSecond);

    [Fact]
    public void What_nobody_published_has_defaults()
    {
        var network = NodeNetwork.Read(new Dictionary<string, string>(StringComparer.Ordinal));
        Assert.Equal(default, network);
        Assert.Equal(TimeSpan.FromMilliseconds(0.2), network.RoundTripOrDefault);
        Assert.Equal(10_000_000_000, network.BitsPerSecondOrDefault);
    }

    [Fact]
    public void Between_two_nodes_the_slower_one_counts()
    {
        var near = new NodeNetwork(TimeSpan.FromMicroseconds(50), 100_000_000_000);
        var far = new NodeNetwork(TimeSpan.FromMicroseconds(900), 1_000_000_000);
        Assert.Equal(far, NodeNetwork.Between(near, far));
        Assert.Equal(NodeNetwork.Between(far, near), NodeNetwork.Between(near, far));
        Assert.Equal(new NodeNetwork(NodeNetwork.DefaultRoundTrip, NodeNetwork.DefaultBitsPerSecond), NodeNetwork.Between(near, default));
    }

    [Fact]
    public void At_10_Gbit_per_second_40_GB_take_32_seconds() =>
        Assert.Equal(TimeSpan.FromSeconds(32), default(NodeNetwork).TransferTime(new Bytes(40_000_000_000)));

    private static NodeNetwork Read(string annotation, string text) =>
        NodeNetwork.Read(new Dictionary<string, string>(StringComparer.Ordinal) { [annotation] = text });
}
