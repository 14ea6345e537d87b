using System.Buffers.Binary;

namespace GpuStack.Operator.Supervision.Rpc;

/// <summary>
/// The bytes of ggml's RPC protocol (little endian), as observed on llama.cpp 0.7.0: a request is <c>command:u8 | size:u64 | payload</c>, a
/// reply <c>size:u64 | payload</c>. Pure. No count in a header decides how much is allocated.
/// </summary>
internal static class RpcWire
{
    public const int HeaderLength = 8;

    /// <summary>The longest reply to what is asked here: HELLO's 28 bytes.</summary>
    public const int MaxReply = 28;

    /// <summary>More devices than any node has; a larger number is noise.</summary>
    public const int MaxDevices = 64;

    private const byte GetDeviceMemoryCommand = 0x0b;
    private const byte HelloCommand = 0x0e;
    private const byte DeviceCountCommand = 0x0f;
    private const int CapabilityLength = 24;

    /// <summary>Must be the first request of a connection. No capability is claimed.</summary>
    public static byte[] Hello() => Request(HelloCommand, new byte[CapabilityLength]);

    public static byte[] DeviceCount() => Request(DeviceCountCommand, []);

    public static byte[] GetDeviceMemory(int device)
    {
        Span<byte> payload = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)device);
        return Request(GetDeviceMemoryCommand, payload);
    }

    /// <summary>The length of the payload that follows.</summary>
    /// <exception cref="RpcProtocolException">It is longer than any reply to what was asked.</exception>
    public static int ReplyLength(ReadOnlySpan<byte> header, string request)
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(header);
        return length <= MaxReply
            ? (int)length
            : throw new RpcProtocolException($"announces {length} bytes in reply to {request}, where at most {MaxReply} are expected; it is no RPC server, or one of another version");
    }

    /// <exception cref="RpcProtocolException">It has another length.</exception>
    public static RpcVersion ReadHello(ReadOnlySpan<byte> reply) => reply.Length == MaxReply
        ? new RpcVersion(reply[0], reply[1], reply[2])
        : throw new RpcProtocolException(
            reply.Length >= 3
                ? $"(RPC {new RpcVersion(reply[0], reply[1], reply[2])}) answers HELLO with {reply.Length} bytes, where {MaxReply} are expected; run the leader and its workers from one image"
                : $"answers HELLO with {reply.Length} bytes, where {MaxReply} are expected");

    /// <exception cref="RpcProtocolException">It has another length, or is no sensible number.</exception>
    public static int ReadDeviceCount(ReadOnlySpan<byte> reply)
    {
        if (reply.Length != sizeof(uint))
            throw new RpcProtocolException($"answers DEVICE_COUNT with {reply.Length} bytes, where {sizeof(uint)} are expected");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(reply);
        return count <= MaxDevices ? (int)count : throw new RpcProtocolException($"claims {count} devices, where at most {MaxDevices} are believed");
    }

    /// <exception cref="RpcProtocolException">It has another length.</exception>
    public static DeviceMemory ReadDeviceMemory(ReadOnlySpan<byte> reply) => reply.Length == 2 * sizeof(ulong)
        ? new DeviceMemory(BinaryPrimitives.ReadUInt64LittleEndian(reply), BinaryPrimitives.ReadUInt64LittleEndian(reply[sizeof(ulong)..]))
        : throw new RpcProtocolException($"answers GET_DEVICE_MEMORY with {reply.Length} bytes, where {2 * sizeof(ulong)} are expected");

    private static byte[] Request(byte command, ReadOnlySpan<byte> payload)
    {
        var request = new byte[1 + HeaderLength + payload.Length];
        request[0] = command;
        BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(1), (ulong)payload.Length);
        payload.CopyTo(request.AsSpan(1 + HeaderLength));
        return request;
    }
}
