using System.IO.Compression;

namespace GpuStack.Modeling.Sources;

/// <summary>
/// What a gzip file unpacks to. It can be read forwards only: a read further ahead unpacks what lies between, one further back starts
/// anew, and all that is unpacked counts towards one bound.
/// </summary>
internal sealed class GzipByteRangeSource(IByteRangeSource packed, long bound) : IByteRangeSource
{
    private readonly byte[] _skipped = new byte[32 << 10];
    private GZipStream? _unpacked;
    private long _position;
    private long _total;

    /// <inheritdoc />
    public string Name => packed.Name;

    /// <inheritdoc />
    public long? Length => null;

    /// <inheritdoc />
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_unpacked is null || offset < _position)
        {
            await CloseAsync().ConfigureAwait(false);
            _unpacked = new GZipStream(new Packed(packed), CompressionMode.Decompress);
            _position = 0;
        }

        while (_position < offset)
        {
            int step = (int)Math.Min(_skipped.Length, offset - _position);
            if (await NextAsync(_skipped.AsMemory(0, step), cancellationToken).ConfigureAwait(false) == 0)
            {
                return 0;
            }
        }

        return await NextAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        await packed.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<int> NextAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_total >= bound)
        {
            throw new ByteRangeException(
                $"{Name}: the file lies more than {bound >> 20} MiB into a compressed archive, which can only be read from its front; store the model uncompressed.");
        }

        try
        {
            int count = await _unpacked!.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _position += count;
            _total += count;
            return count;
        }
        catch (InvalidDataException exception)
        {
            throw new ByteRangeException($"{Name}: is no gzip file, or a damaged one; upload it again.", exception);
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_unpacked is { } open)
        {
            _unpacked = null;
            await open.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The packed bytes from front to back.</summary>
    private sealed class Packed(IByteRangeSource source) : Stream
    {
        private long _offset;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _offset;
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await source.ReadAsync(_offset, buffer, cancellationToken).ConfigureAwait(false);
            _offset += count;
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
