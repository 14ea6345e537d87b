using System.Collections.Immutable;

namespace GpuStack.Operator.Supervision.Rpc;

/// <summary>One HELLO over a connection, then, if the version fits, the number of devices and each one's memory.</summary>
internal static class RpcConversation
{
    /// <param name="stream">A fresh connection: HELLO must be the first request.</param>
    /// <param name="ours">The version of the client that will follow; null when that is not known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RpcProtocolException">The answers are no RPC server's.</exception>
    /// <exception cref="EndOfStreamException">The other side closed in the middle.</exception>
    public static async Task<RpcReport> AskAsync(Stream stream, RpcVersion? ours, CancellationToken cancellationToken)
    {
        var buffer = new byte[RpcWire.MaxReply];
        var version = RpcWire.ReadHello((await AskAsync(stream, "HELLO", RpcWire.Hello(), buffer, cancellationToken)).Span);
        if (ours is null ? version.Major > RpcVersion.Newest.Major : !ours.Accepts(version))
            return new RpcReport(version, default);
        var count = RpcWire.ReadDeviceCount((await AskAsync(stream, "DEVICE_COUNT", RpcWire.DeviceCount(), buffer, cancellationToken)).Span);
        var devices = ImmutableArray.CreateBuilder<DeviceMemory>(count);
        for (var device = 0; device < count; device++)
        {
            var reply = await AskAsync(stream, "GET_DEVICE_MEMORY", RpcWire.GetDeviceMemory(device), buffer, cancellationToken);
            devices.Add(RpcWire.ReadDeviceMemory(reply.Span));
        }
        return new RpcReport(version, devices.MoveToImmutable());
    }

    private static async Task<ReadOnlyMemory<byte>> AskAsync(Stream stream, string name, byte[] request, byte[] buffer, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(request, cancellationToken);
        await stream.ReadExactlyAsync(buffer.AsMemory(0, RpcWire.HeaderLength), cancellationToken);
        var length = RpcWire.ReplyLength(buffer.AsSpan(0, RpcWire.HeaderLength), name);
        await stream.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken);
        return buffer.AsMemory(0, length);
    }
}
