namespace GpuStack.Modeling.Sources;

/// <summary>
/// A stream that is read forwards only: standard input, the body of an answer, an entry of an archive. What lies between two reads
/// is read and thrown away; going back is refused, as nothing is kept. Not for concurrent use.
/// </summary>
public sealed class StreamByteRangeSource : IByteRangeSource
{
    private const int DiscardedAtOnce = 64 << 10;

    private readonly Stream _stream;
    private readonly long _maximum;
    private readonly bool _leaveOpen;
    private byte[] _discarded = [];
    private long _position;

    /// <summary>A source that reads a stream from where it stands.</summary>
    /// <param name="stream">The stream; it needs to be readable only.</param>
    /// <param name="name">What a person would call it; used in messages.</param>
    /// <param name="length">The bytes that it has, where something outside of it tells (Content-Length, an archive's entry).</param>
    /// <param name="maximum">The most bytes read of it, those thrown away included.</param>
    /// <param name="leaveOpen">Whether the stream stays open when this is disposed.</param>
    public StreamByteRangeSource(Stream stream, string name, long? length = null, long maximum = 1L << 30, bool leaveOpen = false)
    {
        _stream = stream;
        Name = name;
        Length = length;
        _maximum = maximum;
        _leaveOpen = leaveOpen;
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public long? Length { get; private set; }

    /// <inheritdoc />
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (offset < _position)
        {
            throw new ByteRangeException($"{Name}: was read up to byte {_position} and cannot go back to byte {offset}; save it as a file and name that.");
        }

        while (_position < offset)
        {
            if (_discarded.Length == 0)
            {
                _discarded = GC.AllocateUninitializedArray<byte>(DiscardedAtOnce);
            }

            int step = (int)Math.Min(_discarded.Length, offset - _position);
            if (await ReadNextAsync(_discarded.AsMemory(0, step), cancellationToken).ConfigureAwait(false) == 0)
            {
                return 0;
            }
        }

        return await ReadNextAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _leaveOpen ? ValueTask.CompletedTask : _stream.DisposeAsync();

    private async ValueTask<int> ReadNextAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        if (_position >= _maximum)
        {
            throw new ByteRangeException($"{Name}: the first {_maximum >> 20} MiB did not suffice, and no more of a stream is read; save it as a file and name that.");
        }

        try
        {
            int count = await _stream.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _maximum - _position)], cancellationToken).ConfigureAwait(false);
            _position += count;
            if (count == 0)
            {
                Length ??= _position;
            }

            return count;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or InvalidDataException)
        {
            throw new ByteRangeException($"{Name}: cannot be read: {exception.Message.TrimEnd('.')}.", exception) { IsTransient = exception is IOException };
        }
    }
}
