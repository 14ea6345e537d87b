using Microsoft.Win32.SafeHandles;

namespace GpuStack.Modeling.Sources;

/// <summary>A local file.</summary>
public sealed class FileByteRangeSource : IByteRangeSource
{
    private readonly SafeFileHandle _handle;

    private FileByteRangeSource(string name, SafeFileHandle handle)
    {
        Name = name;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public long? Length { get; }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="ByteRangeException">There is no such file, or it must not be read.</exception>
    public static FileByteRangeSource Open(string path)
    {
        try
        {
            // A pipe or a terminal cannot be read by ranges, and opening one would wait for its other end.
            if (Directory.Exists(path))
            {
                throw new ByteRangeException($"{path}: is a directory; name a file in it.");
            }

            if (!File.Exists(path))
            {
                throw new ByteRangeException($"{path}: there is no such file; check the path.");
            }

            return new FileByteRangeSource(path, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ByteRangeException($"{path}: cannot be opened: {exception.Message}", exception);
        }
    }

    /// <inheritdoc />
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await RandomAccess.ReadAsync(_handle, buffer, offset, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ByteRangeException($"{Name}: cannot be read: {exception.Message}", exception);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _handle.Dispose();
        return ValueTask.CompletedTask;
    }
}
