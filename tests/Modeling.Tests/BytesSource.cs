using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests;

/// <summary>A file in memory that counts what is read of it; <paramref name="piece"/> bounds one read.</summary>
internal sealed class BytesSource(byte[] bytes, int piece = int.MaxValue, bool lengthKnown = false) : IByteRangeSource
{
    public string Name => "test.gguf";

    public long? Length { get; init; } = lengthKnown ? bytes.Length : null;

    public long BytesRead { get; private set; }

    public int Reads { get; private set; }

    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int count = (int)Math.Max(0, Math.Min(Math.Min(buffer.Length, piece), bytes.Length - offset));
        bytes.AsMemory((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer);
        BytesRead += count;
        Reads++;
        return ValueTask.FromResult(count);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
