using System.Net;
using System.Net.Sockets;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Supervision.Sockets;

namespace GpuStack.Operator.Tests.Supervision.Sockets;

public sealed class SocketTableTests
{
    private const string Tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000:C384 00000000:0000 0A 00000000:00000001 00:00000000 00000000  1000        0 6161 1 0000000000000000 100 0 0 10 0
           1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 6162 1 0000000000000000 100 0 0 10 0
           2: 0500000A:C385 0600000A:A0B1 01 00000000:00000000 00:00000000 00000000  1000        0 6163 1 0000000000000000 20 4 30 10 -1
           3: 0500000A:1234 0600000A:C384 06 00000000:00000000 03:000011C7 00000000     0        0 0 3 0000000000000000
        """;

    private const string Tcp6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000000000000000000000000000:C385 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 7161 1 0000000000000000 100 0 0 10 0
           1: 0000000000000000FFFF00000500000A:0050 0000000000000000FFFF00000600000A:9C4E 01 00000000:00000000 00:00000000 00000000  1000        0 7162 1 0000000000000000 20 4 0 10 -1
        """;

    [Fact]
    public void OnlySocketsInListen_Count() => Assert.Equal([8080, 50052], Read(Tcp));

    [Fact]
    public void IPv6_IsReadAlike() => Assert.Equal([50053], Read(Tcp6));

    [Theory]
    [InlineData("9: 0500000A:C384 0600000A:A0B1 01 00000000:00000021 00:0", 33)]
    [InlineData("9: 0500000A:C384 0600000A:A0B1 08 00000000:00000022 00:0", 34)]
    [InlineData("9: 0500000A:C384 00000000:0000 0A 00000000:00000001 00:0", 0)]
    [InlineData("9: 0500000A:A0B1 0600000A:C384 01 00000000:00000021 00:0", 0)]
    [InlineData("9: 0500000A:C384 0600000A:A0B1 01 00000000:FFFFFFFFFFFFFFFF 00:0", 0)]
    public void UnreadBytes_AreThoseOfConnectionsToThePort(string line, long bytes) => Assert.Equal(bytes, SocketTable.Unread(line, 50052));

    [Theory]
    [InlineData("")]
    [InlineData("0: :C384 x 0A")]
    [InlineData("0: 00000000:0000 00000000:0000 0A 0")]
    [InlineData("0: 00000000:FFFFFFFF 00000000:0000 0A 0")]
    [InlineData("0: 00000000:C384 00000000:0000")]
    [InlineData("0: 00000000:C384 00000000:0000 0AA 0:0")]
    public void OtherLines_ArePassedOver(string line) => Assert.Empty(Read(line));

    [Fact]
    public void AnyLine_IsRead() => Prop.ForAll<string>(line => Read(line ?? "") is not null).QuickCheckThrowOnFailure();

    [Fact]
    public void TheKernelsTable_ShowsAPortWhileItListens()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.Contains(port, KernelSockets.Read());
        listener.Stop();
        Assert.DoesNotContain(port, KernelSockets.Read());
    }

    private static SortedSet<int> Read(string table)
    {
        var ports = new SortedSet<int>();
        foreach (var line in table.Split('\n'))
            SocketTable.AddListening(line, ports);
        return ports;
    }
}
