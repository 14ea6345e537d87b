using System.Buffers.Binary;
using System.Text;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Gguf;

/// <summary>
/// Reads a header from front to back through one buffer. The reader asks for as many bytes as its next fields take
/// (<see cref="BufferAsync"/>, which waits only when they are not there yet) and takes them without waiting. Invariants: nothing
/// is allocated by a count or length that the file states before it was checked against the limits, and no byte at or
/// beyond <see cref="GgufLimits.HeaderBytes"/> is read. What is skipped is not read from the source unless it lies in the buffer already.
/// </summary>
internal sealed class GgufCursor
{
    /// <summary>Headers without a tokenizer are filled into it once or twice; longer ones then go through a larger buffer, in fewer steps.</summary>
    private const int SmallBuffer = 64 << 10;
    private const int LargeBuffer = 256 << 10;

    private readonly IByteRangeSource _source;
    private readonly GgufBudget _budget;
    private readonly GgufLimits _limits;
    private readonly CancellationToken _cancellationToken;
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(SmallBuffer);
    private long _bufferOffset;
    private int _position;
    private int _filled;
    private bool _skippedAhead;

    public GgufCursor(IByteRangeSource source, GgufBudget budget, CancellationToken cancellationToken)
    {
        _source = source;
        _budget = budget;
        _limits = budget.Limits;
        _cancellationToken = cancellationToken;
    }

    public long? SourceLength => _source.Length;

    public bool BigEndian { get; set; }

    /// <summary>What is read now; errors name it.</summary>
    public GgufPlace Place { get; set; }

    /// <summary>The offset in the file of the byte that is taken next.</summary>
    public long Position => _bufferOffset + _position;

    private int Buffered => _filled - _position;

    /// <summary>Counts memory that the caller is about to keep.</summary>
    public void Keep(long bytes)
    {
        if (!_budget.TryKeep(bytes))
        {
            throw Refuse($"the header holds more than {_limits.KeptBytes >> 20} MiB of names and values (at {Place})", "this is no model file that can be trusted");
        }
    }

    /// <summary>Makes sure that so many bytes (at most 64 KiB) can be taken.</summary>
    public ValueTask BufferAsync(int bytes) => Buffered >= bytes ? ValueTask.CompletedTask : FillAsync(bytes);

    public byte TakeByte() => _buffer[Advance(sizeof(byte))];

    public ushort TakeUInt16()
    {
        ReadOnlySpan<byte> span = _buffer.AsSpan(Advance(sizeof(ushort)), sizeof(ushort));
        return BigEndian ? BinaryPrimitives.ReadUInt16BigEndian(span) : BinaryPrimitives.ReadUInt16LittleEndian(span);
    }

    public uint TakeUInt32()
    {
        ReadOnlySpan<byte> span = _buffer.AsSpan(Advance(sizeof(uint)), sizeof(uint));
        return BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(span) : BinaryPrimitives.ReadUInt32LittleEndian(span);
    }

    public ulong TakeUInt64() => UInt64(_buffer.AsSpan(Advance(sizeof(ulong)), sizeof(ulong)));

    /// <summary>Reads a string of at most <paramref name="maximum"/> bytes; one beyond is refused.</summary>
    public async ValueTask<string> ReadStringAsync(int maximum)
    {
        await BufferAsync(sizeof(ulong)).ConfigureAwait(false);
        int length = CheckedLength(TakeUInt64(), maximum);
        Keep(64 + (2L * length));
        if (length > SmallBuffer)
        {
            return await GatherTextAsync(length).ConfigureAwait(false);
        }

        await BufferAsync(length).ConfigureAwait(false);
        return Encoding.UTF8.GetString(_buffer, Advance(length), length);
    }

    /// <summary>Reads a string value: null when it is longer than what is kept.</summary>
    public async ValueTask<string?> ReadStringValueAsync()
    {
        await BufferAsync(sizeof(ulong)).ConfigureAwait(false);
        int length = CheckedLength(UInt64(_buffer.AsSpan(_position, sizeof(ulong))), _limits.StringBytes);
        if (length > _limits.KeptStringBytes)
        {
            Skip(sizeof(ulong) + (long)length);
            return null;
        }

        return await ReadStringAsync(_limits.KeptStringBytes).ConfigureAwait(false);
    }

    /// <summary>Passes over an array's strings: their lengths are read, their text is not kept.</summary>
    public async ValueTask SkipStringsAsync(long count)
    {
        while (true)
        {
            count = SkipBufferedStrings(count);
            if (count == 0)
            {
                return;
            }

            await BufferAsync(sizeof(ulong)).ConfigureAwait(false);
        }
    }

    /// <summary>Moves on by so many bytes, without reading them.</summary>
    public void Skip(long bytes)
    {
        if (bytes <= Buffered)
        {
            _position += (int)bytes;
            return;
        }

        if (bytes > _limits.HeaderBytes - Position)
        {
            throw TooLarge();
        }

        _bufferOffset = Position + bytes;
        _position = 0;
        _filled = 0;
        _skippedAhead = true;
    }

    /// <summary>Makes sure that what was skipped last exists in the source.</summary>
    public async ValueTask VerifyReachedAsync()
    {
        if (_skippedAhead && await _source.ReadAsync(Position - 1, new byte[1], _cancellationToken).ConfigureAwait(false) <= 0)
        {
            throw Truncated();
        }
    }

    public GgufFormatException Refuse(string what, string remedy) => new(_source.Name, what, remedy);

    /// <summary>Passes over the strings whose lengths are in the buffer, and returns how many are left. The hot loop of a tokenizer.</summary>
    private long SkipBufferedStrings(long count)
    {
        ReadOnlySpan<byte> rest = _buffer.AsSpan(_position, Buffered);
        ulong maximum = (ulong)_limits.StringBytes;
        while (count > 0 && rest.Length >= sizeof(ulong))
        {
            ulong length = UInt64(rest);
            if (length > maximum)
            {
                throw TooLong(length, _limits.StringBytes);
            }

            count--;
            rest = rest[sizeof(ulong)..];
            if (length > (ulong)rest.Length)
            {
                _position = _filled - rest.Length;
                Skip((long)length);
                return count;
            }

            rest = rest[(int)length..];
        }

        _position = _filled - rest.Length;
        return count;
    }

    private int CheckedLength(ulong length, int maximum) => length > (ulong)maximum ? throw TooLong(length, maximum) : (int)length;

    /// <summary>A text longer than the buffer, gathered piece by piece, so that a truncated file costs only what it has.</summary>
    private async ValueTask<string> GatherTextAsync(int length)
    {
        using var gathered = new MemoryStream();
        while (length > 0)
        {
            await BufferAsync(1).ConfigureAwait(false);
            int piece = Math.Min(length, Buffered);
            gathered.Write(_buffer, Advance(piece), piece);
            length -= piece;
        }

        return Encoding.UTF8.GetString(gathered.GetBuffer(), 0, (int)gathered.Length);
    }

    private async ValueTask FillAsync(int bytes)
    {
        if (bytes > _limits.HeaderBytes - Position)
        {
            throw TooLarge();
        }

        byte[] present = _buffer;
        if (_bufferOffset > 0 && present.Length < LargeBuffer)
        {
            _buffer = GC.AllocateUninitializedArray<byte>(LargeBuffer);
        }

        present.AsSpan(_position, Buffered).CopyTo(_buffer);
        _bufferOffset += _position;
        _filled -= _position;
        _position = 0;
        int wanted = (int)Math.Min(_buffer.Length, _limits.HeaderBytes - _bufferOffset);
        while (_filled < bytes)
        {
            int read = await _source.ReadAsync(_bufferOffset + _filled, _buffer.AsMemory(_filled, wanted - _filled), _cancellationToken).ConfigureAwait(false);
            if (read <= 0)
            {
                throw Truncated();
            }

            _filled += read;
        }

        _skippedAhead = false;
    }

    private int Advance(int bytes)
    {
        int start = _position;
        _position += bytes;
        return start;
    }

    private ulong UInt64(ReadOnlySpan<byte> span) =>
        BigEndian ? BinaryPrimitives.ReadUInt64BigEndian(span) : BinaryPrimitives.ReadUInt64LittleEndian(span);

    private GgufFormatException Truncated() => Refuse($"the file ends within its header, at {Place}", "it is incomplete: download it again");

    private GgufFormatException TooLong(ulong length, int maximum) =>
        Refuse($"{Place} claims to be {length} bytes long, more than the {maximum} allowed", "the file is damaged or not a model");

    private GgufFormatException TooLarge() =>
        Refuse($"the header is larger than {_limits.HeaderBytes >> 20} MiB (at {Place})", "the file is damaged or not a model");
}
