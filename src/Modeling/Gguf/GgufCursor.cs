using System.Buffers.Binary;
using System.Text;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Gguf;

/// <summary>
/// Reads a header from front to back through one buffer of fixed size. Invariants: nothing is allocated by a count or length
/// that the file states before it was checked against the limits, and the position never passes
/// <see cref="GgufLimits.HeaderBytes"/>. What is skipped is not read from the source unless it lies in the buffer already.
/// </summary>
internal sealed class GgufCursor
{
    private const int BufferSize = 64 << 10;

    private readonly IByteRangeSource _source;
    private readonly GgufLimits _limits;
    private readonly CancellationToken _cancellationToken;
    private readonly byte[] _buffer = new byte[BufferSize];
    private long _bufferOffset;
    private int _position;
    private int _filled;
    private long _kept;
    private bool _skippedAhead;

    public GgufCursor(IByteRangeSource source, GgufLimits limits, CancellationToken cancellationToken)
    {
        _source = source;
        _limits = limits;
        _cancellationToken = cancellationToken;
    }

    public string Name => _source.Name;

    public long? SourceLength => _source.Length;

    public bool BigEndian { get; set; }

    public long Position => _bufferOffset + _position;

    /// <summary>Counts memory that the caller is about to keep.</summary>
    public void Keep(long bytes, string what)
    {
        _kept += bytes;
        if (_kept > _limits.KeptBytes)
        {
            throw Refuse($"the header holds more than {_limits.KeptBytes >> 20} MiB of names and values (at {what})", "this is no model file that can be trusted");
        }
    }

    public async ValueTask<byte> ReadByteAsync(string what)
    {
        await EnsureAsync(1, what).ConfigureAwait(false);
        return _buffer[_position++];
    }

    public async ValueTask<ushort> ReadUInt16Async(string what)
    {
        await EnsureAsync(sizeof(ushort), what).ConfigureAwait(false);
        ReadOnlySpan<byte> span = _buffer.AsSpan(_position, sizeof(ushort));
        _position += sizeof(ushort);
        return BigEndian ? BinaryPrimitives.ReadUInt16BigEndian(span) : BinaryPrimitives.ReadUInt16LittleEndian(span);
    }

    public async ValueTask<uint> ReadUInt32Async(string what)
    {
        await EnsureAsync(sizeof(uint), what).ConfigureAwait(false);
        uint value = UInt32At(_position);
        _position += sizeof(uint);
        return value;
    }

    public async ValueTask<ulong> ReadUInt64Async(string what)
    {
        await EnsureAsync(sizeof(ulong), what).ConfigureAwait(false);
        ulong value = UInt64At(_position);
        _position += sizeof(ulong);
        return value;
    }

    /// <summary>Reads a string of at most <paramref name="maximum"/> bytes; one beyond is refused.</summary>
    public async ValueTask<string> ReadStringAsync(int maximum, string what)
    {
        int length = await ReadLengthAsync(maximum, what).ConfigureAwait(false);
        Keep(64 + (2L * length), what);
        return await ReadTextAsync(length, what).ConfigureAwait(false);
    }

    /// <summary>Reads a string value: null when it is longer than what is kept.</summary>
    public async ValueTask<string?> ReadStringValueAsync(string what)
    {
        int length = await ReadLengthAsync(_limits.StringBytes, what).ConfigureAwait(false);
        if (length > _limits.KeptStringBytes)
        {
            Skip(length, what);
            return null;
        }

        Keep(64 + (2L * length), what);
        return await ReadTextAsync(length, what).ConfigureAwait(false);
    }

    /// <summary>Passes over an array's strings: their lengths are read, their text is not kept.</summary>
    public async ValueTask SkipStringsAsync(long count, string what)
    {
        while (count > 0)
        {
            while (count > 0 && _filled - _position >= sizeof(ulong))
            {
                ulong length = UInt64At(_position);
                if (length > (ulong)_limits.StringBytes)
                {
                    throw TooLong(length, _limits.StringBytes, what);
                }

                _position += sizeof(ulong);
                Skip((long)length, what);
                count--;
            }

            if (count > 0)
            {
                await EnsureAsync(sizeof(ulong), what).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Moves on by so many bytes, without reading them.</summary>
    public void Skip(long bytes, string what)
    {
        if (bytes < 0 || bytes > _limits.HeaderBytes - Position)
        {
            throw TooLarge(what);
        }

        if (bytes <= _filled - _position)
        {
            _position += (int)bytes;
            return;
        }

        _bufferOffset = Position + bytes;
        _position = 0;
        _filled = 0;
        _skippedAhead = true;
    }

    /// <summary>Makes sure that what was skipped last exists in the source.</summary>
    public async ValueTask VerifyReachedAsync(string what)
    {
        if (!_skippedAhead || Position == 0)
        {
            return;
        }

        var last = new byte[1];
        if (await _source.ReadAsync(Position - 1, last, _cancellationToken).ConfigureAwait(false) == 0)
        {
            throw Truncated(what);
        }
    }

    public GgufFormatException Refuse(string what, string remedy) => new(Name, what, remedy);

    public GgufFormatException Truncated(string what) =>
        Refuse($"the file ends within its header, at {what}", "it is incomplete: download it again");

    private async ValueTask<int> ReadLengthAsync(int maximum, string what)
    {
        ulong length = await ReadUInt64Async(what).ConfigureAwait(false);
        return length > (ulong)maximum ? throw TooLong(length, maximum, what) : (int)length;
    }

    private async ValueTask<string> ReadTextAsync(int length, string what)
    {
        if (length <= BufferSize)
        {
            await EnsureAsync(length, what).ConfigureAwait(false);
            string text = Encoding.UTF8.GetString(_buffer, _position, length);
            _position += length;
            return text;
        }

        // Longer than the buffer, yet within what may be kept: gathered piece by piece, so that a truncated file costs only what it has.
        using var gathered = new MemoryStream();
        while (length > 0)
        {
            await EnsureAsync(1, what).ConfigureAwait(false);
            int piece = Math.Min(length, _filled - _position);
            gathered.Write(_buffer, _position, piece);
            _position += piece;
            length -= piece;
        }

        return Encoding.UTF8.GetString(gathered.GetBuffer(), 0, (int)gathered.Length);
    }

    private ValueTask EnsureAsync(int bytes, string what) => _filled - _position >= bytes ? ValueTask.CompletedTask : FillAsync(bytes, what);

    private async ValueTask FillAsync(int bytes, string what)
    {
        if (bytes > _limits.HeaderBytes - Position)
        {
            throw TooLarge(what);
        }

        _buffer.AsSpan(_position, _filled - _position).CopyTo(_buffer);
        _bufferOffset += _position;
        _filled -= _position;
        _position = 0;
        while (_filled < bytes)
        {
            int read = await _source.ReadAsync(_bufferOffset + _filled, _buffer.AsMemory(_filled), _cancellationToken).ConfigureAwait(false);
            if (read <= 0)
            {
                throw Truncated(what);
            }

            _filled += read;
        }

        _skippedAhead = false;
    }

    private uint UInt32At(int position)
    {
        ReadOnlySpan<byte> span = _buffer.AsSpan(position, sizeof(uint));
        return BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(span) : BinaryPrimitives.ReadUInt32LittleEndian(span);
    }

    private ulong UInt64At(int position)
    {
        ReadOnlySpan<byte> span = _buffer.AsSpan(position, sizeof(ulong));
        return BigEndian ? BinaryPrimitives.ReadUInt64BigEndian(span) : BinaryPrimitives.ReadUInt64LittleEndian(span);
    }

    private GgufFormatException TooLong(ulong length, int maximum, string what) =>
        Refuse($"{what} claims to be {length} bytes long, more than the {maximum} allowed", "the file is damaged or not a model");

    private GgufFormatException TooLarge(string what) =>
        Refuse($"the header is larger than {_limits.HeaderBytes >> 20} MiB (at {what})", "the file is damaged or not a model");
}
