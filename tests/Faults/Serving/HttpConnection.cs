using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;

namespace GpuStack.Faults.Serving;

/// <summary>
/// One connection, HTTP/1.1 by hand: no web server lets one announce a chunk and not send it. Not for requests with a body.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private const int MaxHead = 64 * 1024;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;
    private readonly CancellationTokenSource _gone;
    private Task<ReadResult>? _reading;

    public HttpConnection(Socket socket, CancellationToken stop)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = PipeReader.Create(_stream);
        _gone = CancellationTokenSource.CreateLinkedTokenSource(stop);
    }

    /// <summary>Cancelled when the client is gone or the server stops.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>False once the connection cannot take another request.</summary>
    public bool IsUsable { get; private set; } = true;

    /// <summary>Null at the connection's end.</summary>
    public async Task<HttpRequestHead?> ReadRequestAsync()
    {
        while (true)
        {
            var result = await (_reading ?? _reader.ReadAsync(Gone).AsTask());
            _reading = null;
            if (TakeHead(result.Buffer, out var head, out var consumed))
            {
                _reader.AdvanceTo(consumed);
                ListenForTheEnd();
                return head;
            }

            if (result.IsCompleted || result.Buffer.Length > MaxHead) return null;
            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes, Gone).AsTask();

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task AnswerAsync(int status, string contentType, ReadOnlyMemory<byte> body, string headers = "")
    {
        await SendAsync($"HTTP/1.1 {status} {Reason(status)}\r\nContent-Type: {contentType}\r\n{headers}Content-Length: {body.Length}\r\n\r\n");
        if (body.Length > 0) await SendAsync(body);
    }

    public Task StartChunksAsync() => SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");

    public async Task SendChunkAsync(ReadOnlyMemory<byte> data)
    {
        // One packet for small chunks.
        var whole = ArrayPool<byte>.Shared.Rent(data.Length + 12);
        try
        {
            data.Length.TryFormat(whole, out var digits, "x8", CultureInfo.InvariantCulture);
            "\r\n"u8.CopyTo(whole.AsSpan(digits));
            data.CopyTo(whole.AsMemory(digits + 2));
            "\r\n"u8.CopyTo(whole.AsSpan(digits + 2 + data.Length));
            await SendAsync(whole.AsMemory(0, digits + 4 + data.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    public Task EndChunksAsync() => SendAsync("0\r\n\r\n");

    /// <summary>Announces a chunk of that length and sends less.</summary>
    public async Task CutChunkAsync(int announced, ReadOnlyMemory<byte> sent)
    {
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $"{announced:x}\r\n"));
        if (sent.Length > 0) await SendAsync(sent);
        await FinishAsync();
    }

    /// <summary>FIN after what was sent; then the client's turn to close.</summary>
    public async Task FinishAsync()
    {
        IsUsable = false;
        _socket.Shutdown(SocketShutdown.Send);
        using var limit = new CancellationTokenSource(Farewell, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, Gone);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    /// <summary>RST, which may overtake what was sent.</summary>
    public void Reset()
    {
        IsUsable = false;
        _socket.LingerState = new LingerOption(enable: true, 0);
        _socket.Close();
    }

    /// <summary>Says nothing until the client goes.</summary>
    public async Task StallAsync()
    {
        IsUsable = false;
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Gone).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    public void Dispose()
    {
        IsUsable = false;
        _stream.Dispose();
        _gone.Dispose();
    }

    private static bool TakeHead(in ReadOnlySequence<byte> buffer, out HttpRequestHead? head, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(buffer);
        var found = reader.TryReadTo(out ReadOnlySequence<byte> bytes, "\r\n\r\n"u8);
        head = found ? HttpRequestHead.Parse(bytes.ToArray()) : null;
        consumed = reader.Position;
        return found;
    }

    private static string Reason(int status) => status switch
    {
        200 => "OK",
        404 => "Not Found",
        410 => "Gone",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    };

    // The client sends nothing before it has its answer: what is read meanwhile is its next request, or its end.
    private void ListenForTheEnd()
    {
        _reading = _reader.ReadAsync(Gone).AsTask();
        _ = _reading.ContinueWith(
            read =>
            {
                if (!read.IsCompletedSuccessfully || read.Result.IsCompleted) Leave();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private void Leave()
    {
        try
        {
            _gone.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended on this side, too.
        }
    }
}
