using System.Text.Json;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Safetensors;

/// <summary>
/// Reads JSON from a range of a source piece by piece: the buffer holds what is left of the last piece and the next one, and
/// grows only for a single text that is longer than it, up to a bound. The consumer is called with complete tokens.
/// </summary>
internal sealed class JsonStream(IByteRangeSource source, long offset, long? length, long limit, int longestToken, int maximumDepth)
{
    private const int FirstBuffer = 64 << 10;

    /// <summary>Takes the tokens that a piece holds.</summary>
    public delegate void Consumer(ref Utf8JsonReader reader);

    /// <summary>Why reading ended.</summary>
    public enum End
    {
        Complete,
        Truncated,
        TokenTooLong,
        TooLong,
    }

    /// <summary>Reads all tokens.</summary>
    /// <exception cref="JsonException">It is no valid JSON.</exception>
    public async Task<End> ReadAsync(Consumer consumer, CancellationToken cancellationToken)
    {
        var state = new JsonReaderState(new JsonReaderOptions { MaxDepth = maximumDepth });
        byte[] buffer = new byte[length is { } known ? Math.Min(FirstBuffer, Math.Max(1, known)) : FirstBuffer];
        long position = 0;
        int kept = 0;
        while (true)
        {
            // The buffer is filled before it is parsed: a long text is not scanned again for each small read.
            int filled = kept;
            bool last = false;
            while (filled < buffer.Length && !last)
            {
                int wanted = (int)Math.Min(buffer.Length - filled, (length ?? long.MaxValue) - position);
                int read = wanted == 0 ? 0 : await source.ReadAsync(offset + position, buffer.AsMemory(filled, wanted), cancellationToken).ConfigureAwait(false);
                position += read;
                filled += read;
                last = length is { } whole ? position == whole : read <= 0;
                if (read <= 0 && !last)
                {
                    return End.Truncated;
                }
            }

            if (position > limit)
            {
                return End.TooLong;
            }

            int consumed = Consume(buffer.AsSpan(0, filled), last, ref state, consumer);
            if (last)
            {
                return End.Complete;
            }

            kept = filled - consumed;
            if (kept == buffer.Length)
            {
                if (buffer.Length >= longestToken)
                {
                    return End.TokenTooLong;
                }

                Array.Resize(ref buffer, (int)Math.Min(longestToken, 2L * buffer.Length));
            }
            else
            {
                buffer.AsSpan(consumed, kept).CopyTo(buffer);
            }
        }
    }

    private static int Consume(ReadOnlySpan<byte> piece, bool last, ref JsonReaderState state, Consumer consumer)
    {
        var reader = new Utf8JsonReader(piece, last, state);
        while (reader.Read())
        {
            consumer(ref reader);
        }

        state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }
}
