using GpuStack.Faults.Plans;

namespace GpuStack.Faults.Serving;

/// <summary>Does the faults that take the place of an answer, and those of a body that is complete.</summary>
internal static class FaultyAnswer
{
    private const string Json = "application/json";

    /// <summary>False when the fault is none of an answer.</summary>
    public static async Task<bool> TryAnswerAsync(HttpConnection connection, FaultKind kind, long asked, long current)
    {
        switch (kind)
        {
            case FaultKind.TooManyRequests:
                await connection.AnswerAsync(429, "text/plain; charset=utf-8", "Too many requests, please try again later.\n"u8.ToArray());
                return true;
            case FaultKind.TooManyRequestsRetryAfter:
                await connection.AnswerAsync(429, "text/plain; charset=utf-8", "Too many requests, please try again later.\n"u8.ToArray(), "Retry-After: 1\r\n");
                return true;
            case FaultKind.InternalError:
                await connection.AnswerAsync(500, Json, StatusText.Internal());
                return true;
            case FaultKind.Unavailable:
                await connection.AnswerAsync(503, Json, StatusText.Unavailable());
                return true;
            case FaultKind.ProxyError:
                await connection.AnswerAsync(502, "text/html", StatusText.Html);
                return true;
            case FaultKind.ProxyPage:
                await connection.AnswerAsync(200, "text/html", StatusText.Html);
                return true;
            case FaultKind.EmptyAnswer:
                await connection.AnswerAsync(200, Json, ReadOnlyMemory<byte>.Empty);
                return true;
            case FaultKind.Expired:
                await connection.AnswerAsync(410, Json, StatusText.Expired(asked, current));
                return true;
            case FaultKind.VersionTooLarge:
                await connection.AnswerAsync(504, Json, StatusText.TooLarge(asked, current));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Sends a body and does to it what the fault says.</summary>
    public static async Task SendBodyAsync(HttpConnection connection, FaultKind? kind, ReadOnlyMemory<byte> body, TimeProvider time)
    {
        var half = body[..(body.Length / 2)];
        switch (kind)
        {
            case null:
                await connection.AnswerAsync(200, Json, body);
                return;
            case FaultKind.GarbageJson:
                await connection.AnswerAsync(200, Json, Garbage(body));
                return;
            case FaultKind.TruncatedLine:
                await connection.AnswerAsync(200, Json, half);
                return;
        }

        await connection.StartChunksAsync();
        switch (kind)
        {
            case FaultKind.CutChunk:
                await connection.CutChunkAsync(body.Length, half);
                return;
            case FaultKind.ChunkHeaderOnly:
                await connection.SendChunkAsync(half);
                await connection.CutChunkAsync(body.Length - half.Length, ReadOnlyMemory<byte>.Empty);
                return;
            case FaultKind.Reset:
                await connection.SendChunkAsync(half);
                connection.Reset();
                return;
            case FaultKind.Stall:
                await connection.SendChunkAsync(half);
                await connection.StallAsync();
                return;
            default:
                await DripAsync(connection, body, time);
                await connection.EndChunksAsync();
                return;
        }
    }

    /// <summary>Sends the bytes in a few pieces that arrive one by one.</summary>
    public static async Task DripAsync(HttpConnection connection, ReadOnlyMemory<byte> bytes, TimeProvider time)
    {
        var size = Math.Max(1, (bytes.Length + 15) / 16);
        for (var at = 0; at < bytes.Length; at += size)
        {
            await connection.SendChunkAsync(bytes[at..Math.Min(at + size, bytes.Length)]);
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, connection.Gone);
        }
    }

    /// <summary>The first half of it, and then what no JSON goes on with.</summary>
    public static byte[] Garbage(ReadOnlyMemory<byte> bytes) => [.. bytes.Span[..(bytes.Length / 2)], .. "\u0000]]}{\"\\x"u8, .. bytes.Span[(bytes.Length / 2)..]];
}
