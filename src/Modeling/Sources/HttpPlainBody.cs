namespace GpuStack.Modeling.Sources;

/// <summary>The body of an answer that begins at the file's front, read forwards only.</summary>
internal sealed class HttpPlainBody(HttpExchange exchange, HttpResponseMessage response) : IDisposable
{
    private readonly byte[] _discarded = new byte[32 << 10];
    private Stream? _body;

    /// <summary>Where the next byte of the body stands in the file.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes read of this body and those before it.</summary>
    public long TotalRead { get; set; }

    public void Dispose()
    {
        _body?.Dispose();
        response.Dispose();
    }

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, long bound, CancellationToken cancellationToken)
    {
        while (Position < offset)
        {
            int step = (int)Math.Min(_discarded.Length, offset - Position);
            if (await ReadNextAsync(_discarded.AsMemory(0, step), bound, cancellationToken).ConfigureAwait(false) == 0)
            {
                return 0;
            }
        }

        return await ReadNextAsync(buffer, bound, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<int> ReadNextAsync(Memory<byte> buffer, long bound, CancellationToken cancellationToken)
    {
        if (TotalRead >= bound)
        {
            throw new ByteRangeException(
                $"{exchange.Name}: the server does not answer range requests, and the first {bound >> 20} MiB did not suffice; use another server or a local file.");
        }

        using HttpDeadline deadline = exchange.Session.Deadline(cancellationToken);
        try
        {
            _body ??= await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            int count = await _body.ReadAsync(buffer, deadline.Token).ConfigureAwait(false);
            Position += count;
            TotalRead += count;
            return count;
        }
        catch (Exception exception) when (HttpSession.Explains(exception, cancellationToken))
        {
            throw exchange.Session.Failure(exchange.Name, exception);
        }
    }
}
