using System.Runtime.InteropServices;

namespace GpuStack.Simulator.ApiServer.Protobuf;

/// <summary>Reads the wire format: fields with a number, each a varint, a fixed number or a run of bytes.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct ProtobufReader(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> _rest = bytes;
    private int _wireType;

    /// <summary>Goes to the next field; its value must then be read or skipped.</summary>
    public bool Next(out int field)
    {
        field = 0;
        if (_rest.IsEmpty)
            return false;
        var tag = ReadVarint();
        field = (int)(tag >> 3);
        _wireType = (int)(tag & 7);
        return true;
    }

    public ulong Varint() => _wireType == 0 ? ReadVarint() : throw new FormatException($"expected a varint, found wire type {_wireType}");

    public ReadOnlyMemory<byte> Bytes()
    {
        if (_wireType != 2)
            throw new FormatException($"expected bytes, found wire type {_wireType}");
        var length = checked((int)ReadVarint());
        var value = _rest[..length];
        _rest = _rest[length..];
        return value;
    }

    public void Skip()
    {
        switch (_wireType)
        {
            case 0:
                ReadVarint();
                break;
            case 1:
                _rest = _rest[8..];
                break;
            case 2:
                Bytes();
                break;
            case 5:
                _rest = _rest[4..];
                break;
            default:
                throw new FormatException($"unknown wire type {_wireType}");
        }
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var i = 0; i < 10; i++)
        {
            var next = _rest.Span[i];
            value |= (ulong)(next & 0x7f) << (7 * i);
            if ((next & 0x80) != 0)
                continue;
            _rest = _rest[(i + 1)..];
            return value;
        }

        throw new FormatException("a varint is longer than 10 bytes");
    }
}
