namespace GpuStack.Modeling.Sources;

/// <summary>A directory of this machine. Links in it are followed: the caches of hubs consist of them.</summary>
/// <param name="directory">The directory's path.</param>
public sealed class LocalModelFolder(string directory) : IModelFolder
{
    /// <inheritdoc />
    public string Name => directory;

    /// <inheritdoc />
    public ValueTask<IByteRangeSource?> OpenAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!RelativePath.IsSafe(path))
        {
            throw new ByteRangeException($"{directory}: a file of a model must lie in its folder, but this name leads elsewhere or is none; rename it.");
        }

        if (!Directory.Exists(directory))
        {
            throw new ByteRangeException($"{directory}: there is no such directory; check the path.");
        }

        string full = Path.Combine(directory, path);
        return ValueTask.FromResult<IByteRangeSource?>(File.Exists(full) ? FileByteRangeSource.Open(full) : null);
    }
}
