namespace GpuStack.Modeling.Sources;

/// <summary>Something whose bytes can be read from any offset: a file, or a URL that answers range requests.</summary>
public interface IByteRangeSource : IAsyncDisposable
{
    /// <summary>What a person would call it (a path or an address, without secrets); used in messages.</summary>
    string Name { get; }

    /// <summary>The size in bytes, where it is known already; it may become known by the first read.</summary>
    long? Length { get; }

    /// <summary>Reads up to <paramref name="buffer"/>'s length; fewer bytes are allowed, 0 means the end.</summary>
    /// <exception cref="ByteRangeException">The source cannot be read; the message is one sentence for people.</exception>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);
}
