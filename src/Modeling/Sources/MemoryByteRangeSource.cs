namespace GpuStack.Modeling.Sources;

/// <summary>Bytes that are here already.</summary>
internal sealed class MemoryByteRangeSource(string name, ReadOnlyMemory<byte> bytes) : IByteRangeSource
{
    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public long? Length => bytes.Length;

    /// <inheritdoc />
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (offset >= bytes.Length)
        {
            return ValueTask.FromResult(0);
        }

        int count = Math.Min(buffer.Length, bytes.Length - (int)offset);
        bytes.Slice((int)offset, count).CopyTo(buffer);
        return ValueTask.FromResult(count);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
