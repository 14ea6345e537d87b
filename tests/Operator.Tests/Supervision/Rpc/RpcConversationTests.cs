using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using GpuStack.Operator.Supervision.Rpc;

namespace GpuStack.Operator.Tests.Supervision.Rpc;

public sealed class RpcConversationTests
{
    private static readonly RpcVersion Ours = new(8, 1);

    [Fact]
    public async Task TheBytesOfARealServer_AreReadAndAnswered()
    {
        var stream = new ScriptedStream([.. Reply(Hello(8, 0, 0)), .. Reply(UInt32(2)), .. Reply(Memory(5, 9)), .. Reply(Memory(1UL << 40, 1UL << 41))]);

        var report = await RpcConversation.AskAsync(stream, Ours, TestContext.Current.CancellationToken);

        Assert.Equal(new RpcVersion(8, 0), report.Version);
        Assert.Equal([new DeviceMemory(5, 9), new DeviceMemory(1UL << 40, 1UL << 41)], report.Devices);
        var zeros = string.Concat(Enumerable.Repeat("00", 24));
        Assert.Equal(
            $"0e1800000000000000{zeros}0f00000000000000000b0400000000000000000000000b040000000000000001000000",
            Convert.ToHexStringLower([.. stream.Written]));
    }

    [Theory]
    [InlineData(7, 0)]
    [InlineData(9, 0)]
    [InlineData(8, 2)]
    public async Task AVersionThatTheClientRefuses_IsAskedNothingMore(byte major, byte minor)
    {
        var stream = new ScriptedStream(Reply(Hello(major, minor, 0)));

        var report = await RpcConversation.AskAsync(stream, Ours, TestContext.Current.CancellationToken);

        Assert.Equal(new RpcVersion(major, minor), report.Version);
        Assert.Equal(33, stream.Written.Count);
    }

    [Fact]
    public async Task AReplyOfThreeBytes_IsAnotherVersion_ThatIsNamed()
    {
        var exception = await Assert.ThrowsAsync<RpcProtocolException>(() => AskAsync(Reply([3, 6, 1])));
        Assert.Equal("(RPC 3.6.1) answers HELLO with 3 bytes, where 28 are expected; run the leader and its workers from one image", exception.Message);
    }

    [Theory]
    [InlineData(29UL)]
    [InlineData(1UL << 40)]
    [InlineData(ulong.MaxValue)]
    public async Task AHugeSize_IsRefusedUnread(ulong size)
    {
        var header = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(header, size);
        var exception = await Assert.ThrowsAsync<RpcProtocolException>(() => AskAsync([.. header, .. new byte[100]]));
        Assert.Contains($"announces {size} bytes in reply to HELLO", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHugeNumberOfDevices_IsNotBelieved()
    {
        var exception = await Assert.ThrowsAsync<RpcProtocolException>(() => AskAsync([.. Reply(Hello(8, 0, 0)), .. Reply(UInt32(uint.MaxValue))]));
        Assert.Equal("claims 4294967295 devices, where at most 64 are believed", exception.Message);
    }

    [Fact]
    public async Task AnEndInTheMiddle_IsTold()
    {
        var whole = Reply(Hello(8, 0, 0));
        for (var length = 0; length < whole.Length; length++)
            await Assert.ThrowsAsync<EndOfStreamException>(() => AskAsync(whole[..length]));
    }

    /// <summary>Arbitrary bytes, and right beginnings with arbitrary ends: a report or one of the two exceptions, and never a read of more than a reply.</summary>
    [Fact]
    public void AnyBytes_NeverCrash_AndNeverDecideHowMuchIsRead()
    {
        var beginnings = Gen.Elements<byte[]>([], Reply(Hello(8, 0, 0)), [.. Reply(Hello(8, 1, 0)), .. Reply(UInt32(3))], [28, 0, 0, 0, 0, 0, 0, 0], [4, 0, 0, 0, 0, 0, 0, 0]);
        var bytes = beginnings.SelectMany(beginning => ArbMap.Default.GeneratorFor<byte[]>().Select(rest => (byte[])[.. beginning, .. rest]));
        Prop.ForAll(bytes.ToArbitrary(), answers =>
        {
            var stream = new ScriptedStream(answers);
            try
            {
                var report = RpcConversation.AskAsync(stream, Ours, CancellationToken.None).GetAwaiter().GetResult();
                Assert.True(report.Devices.IsDefault || report.Devices.Length <= RpcWire.MaxDevices);
            }
            catch (Exception exception) when (exception is RpcProtocolException or EndOfStreamException)
            {
                Assert.InRange(exception.Message.Length, 1, 300);
            }
            return stream.LargestRead <= RpcWire.MaxReply;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Theory]
    [InlineData("8.0", 8, 0, 0)]
    [InlineData("10.255.3", 10, 255, 3)]
    public void AVersion_IsRead(string text, int major, int minor, int patch)
    {
        Assert.True(RpcVersion.TryParse(text, out var version));
        Assert.Equal(new RpcVersion(major, minor, patch), version);
    }

    [Theory]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("8.256")]
    [InlineData("8.-1")]
    [InlineData("8.0.0.0")]
    [InlineData("a.b")]
    public void OtherText_IsNoVersion(string text) => Assert.False(RpcVersion.TryParse(text, out _));

    private static Task<RpcReport> AskAsync(byte[] answers) =>
        RpcConversation.AskAsync(new ScriptedStream(answers), Ours, TestContext.Current.CancellationToken);

    private static byte[] Reply(byte[] payload) => [(byte)payload.Length, 0, 0, 0, 0, 0, 0, 0, .. payload];

    private static byte[] Hello(byte major, byte minor, byte patch) => [major, minor, patch, .. new byte[25]];

    private static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Memory(ulong free, ulong total)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, free);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), total);
        return bytes;
    }
}
