namespace GpuStack.Modeling.Sources;

/// <summary>A part of another source, such as a file in an archive.</summary>
/// <param name="name">What the part is called.</param>
/// <param name="whole">The other source; closed with this one.</param>
/// <param name="start">Where the part begins.</param>
/// <param name="length">Its size in bytes.</param>
internal sealed class SlicedByteRangeSource(string name, IByteRangeSource whole, long start, long length) : IByteRangeSource
{
    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public long? Length => length;

    /// <inheritdoc />
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) => offset >= length
        ? ValueTask.FromResult(0)
        : whole.ReadAsync(start + offset, buffer[..(int)Math.Min(buffer.Length, length - offset)], cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => whole.DisposeAsync();
}
