using System.Net;

namespace GpuStack.Modeling.Sources;

/// <summary>
/// A file on a web server, read by range requests in growing blocks. Redirects are followed here, so that the token reaches the
/// source's own host only; where they lead is remembered until that address expires. A server that does not heed ranges is read
/// from the front, up to a bound. Not for concurrent use.
/// </summary>
public sealed class HttpByteRangeSource : IByteRangeSource
{
    private readonly HttpExchange _exchange;
    private readonly HttpByteRangeOptions _options;
    private byte[] _block = [];
    private long _blockOffset;
    private int _blockLength;
    private int _nextBlock;
    private HttpPlainBody? _plain;
    private bool _withoutRanges;

    /// <summary>A source that reads an address with a client; see <see cref="CreateHandler"/> for what the client needs.</summary>
    public HttpByteRangeSource(HttpClient client, Uri address, HttpByteRangeOptions? options = null)
    {
        _options = options ?? new HttpByteRangeOptions();
        _exchange = new HttpExchange(new HttpSession(client, _options), address, new HttpAccess(_options.Token));
        _nextBlock = _options.FirstBlock;
    }

    /// <param name="session">Client, options and time.</param>
    /// <param name="address">The file's address.</param>
    /// <param name="access">How its server is asked.</param>
    /// <param name="block">The bytes of every request; null for blocks that grow as the options say.</param>
    internal HttpByteRangeSource(HttpSession session, Uri address, HttpAccess access, int? block = null)
    {
        _options = block is { } size ? session.Options with { FirstBlock = size, LargestBlock = size } : session.Options;
        _exchange = new HttpExchange(session, address, access);
        _nextBlock = _options.FirstBlock;
    }

    /// <inheritdoc />
    public string Name => _exchange.Name;

    /// <inheritdoc />
    public long? Length { get; private set; }

    /// <summary>The file's entity tag without quotes (Hugging Face: its own one, not the storage's); known after the first read.</summary>
    public string? ETag => _exchange.ETag;

    /// <summary>The commit that a hub resolved the revision to; known after the first read, where the hub tells.</summary>
    public string? Commit => _exchange.Commit;

    /// <summary>
    /// A handler for the client: it follows no redirects (the source does), so that its owner may also decide in
    /// <see cref="SocketsHttpHandler.ConnectCallback"/> which addresses are reached.
    /// </summary>
    /// <param name="authorities">Who is trusted beside the system's authorities.</param>
    public static SocketsHttpHandler CreateHandler(TrustedAuthorities? authorities = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        };
        authorities?.AddTo(handler);
        return handler;
    }

    /// <inheritdoc />
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty || offset >= Length)
        {
            return 0;
        }

        if (offset < _blockOffset || offset >= _blockOffset + _blockLength)
        {
            if (_withoutRanges)
            {
                return await ReadPlainAsync(offset, buffer, cancellationToken).ConfigureAwait(false);
            }

            await FetchAsync(offset, cancellationToken).ConfigureAwait(false);
            if (_withoutRanges)
            {
                return await ReadPlainAsync(offset, buffer, cancellationToken).ConfigureAwait(false);
            }
        }

        int start = (int)(offset - _blockOffset);
        int count = Math.Min(buffer.Length, _blockLength - start);
        if (count <= 0)
        {
            return 0;
        }

        _block.AsMemory(start, count).CopyTo(buffer);
        return count;
    }

    /// <summary>Reads the first block, which is kept for the next read; false when there is no such file.</summary>
    /// <exception cref="ByteRangeException">It cannot be told whether there is one.</exception>
    internal async ValueTask<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Nothing is copied: a server without ranges would otherwise be read from the front twice.
            await FetchAsync(0, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ByteRangeException exception) when (exception.IsMissingFile)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _plain?.Dispose();
        _plain = null;
        return ValueTask.CompletedTask;
    }

    private async ValueTask FetchAsync(long offset, CancellationToken cancellationToken)
    {
        int wanted = _nextBlock;
        _nextBlock = Math.Min(_options.LargestBlock, _nextBlock * 2);
        await _exchange.Session.RetryAsync(token => FetchOnceAsync(offset, wanted, token), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<int> FetchOnceAsync(long offset, int wanted, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await _exchange.SendAsync(offset, offset + wanted - 1, cancellationToken).ConfigureAwait(false);
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent:
                using (response)
                {
                    await ReadBlockAsync(response, offset, wanted, cancellationToken).ConfigureAwait(false);
                }

                break;
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                Length ??= response.Content.Headers.ContentRange?.Length ?? offset;
                (_blockOffset, _blockLength) = (offset, 0);
                response.Dispose();
                break;
            default:
                _withoutRanges = true;
                Length ??= response.Content.Headers.ContentLength;
                _plain = new HttpPlainBody(_exchange, response);
                break;
        }

        return _blockLength;
    }

    private async ValueTask ReadBlockAsync(HttpResponseMessage response, long offset, int wanted, CancellationToken cancellationToken)
    {
        var range = response.Content.Headers.ContentRange;
        if (range is not { Unit: "bytes", From: long from, To: long to } || from != offset || to < from || to - from >= wanted
            || response.Content.Headers.ContentEncoding.Count > 0)
        {
            throw new ByteRangeException(
                $"{Name}: the server answered the range {offset}-{offset + wanted - 1} with '{range?.ToString() ?? "no range"}'; use another server or a local file.");
        }

        if (range.Length is long total)
        {
            if (Length is long known && known != total)
            {
                throw new ByteRangeException($"{Name}: the file changed from {known} to {total} bytes while it was read; try again.") { IsTransient = true };
            }

            Length = total;
        }

        int length = (int)(to - from + 1);
        if (_block.Length < length)
        {
            _block = new byte[length];
        }

        _blockLength = 0;
        using HttpDeadline deadline = _exchange.Session.Deadline(cancellationToken);
        int read = 0;
        try
        {
            using Stream body = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            while (read < length)
            {
                int count = await body.ReadAsync(_block.AsMemory(read, length - read), deadline.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    throw new ByteRangeException($"{Name}: the connection ended after {read} of {length} bytes; try again.") { IsTransient = true };
                }

                read += count;
            }
        }
        catch (Exception exception) when (HttpSession.Explains(exception, cancellationToken))
        {
            throw _exchange.Session.Failure(Name, exception);
        }

        (_blockOffset, _blockLength) = (offset, length);
    }

    private async ValueTask<int> ReadPlainAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_plain is null || offset < _plain.Position)
        {
            // Backwards: from the front again. The bound on all bytes read keeps this finite.
            long already = _plain?.TotalRead ?? 0;
            _plain?.Dispose();
            _plain = null;
            HttpResponseMessage response = await _exchange.SendAsync(null, null, cancellationToken).ConfigureAwait(false);
            _plain = new HttpPlainBody(_exchange, response) { TotalRead = already };
        }

        return await _plain.ReadAsync(offset, buffer, _options.WithoutRanges, cancellationToken).ConfigureAwait(false);
    }
}
