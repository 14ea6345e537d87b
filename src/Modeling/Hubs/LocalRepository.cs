using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>
/// A file or directory of this machine. With a root (a mounted claim) nothing outside of it is read, by no <c>..</c> and no link; without
/// one, links are followed, for the caches of hubs consist of them.
/// </summary>
internal sealed class LocalRepository : IModelRepository
{
    private const int MostFiles = 10_000;
    private const int MostLevels = 6;

    private readonly string? _root;
    private readonly string _directory;

    public LocalRepository(string path, string? root)
    {
        _root = root;
        Name = root is null ? path : Path.Combine(root, path.TrimStart('/'));
        bool isDirectory = Directory.Exists(Name);
        File = isDirectory ? null : Path.GetFileName(Name);
        _directory = isDirectory ? Name : Path.GetDirectoryName(Path.GetFullPath(Name)) ?? Name;
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <summary>The file's name, where the path is one of a file.</summary>
    public string? File { get; }

    /// <inheritdoc />
    public string? Revision => null;

    /// <inheritdoc />
    public ValueTask<string?> PinAsync(CancellationToken cancellationToken)
    {
        var file = new FileInfo(Name);
        return ValueTask.FromResult(file.Exists
            ? string.Create(CultureInfo.InvariantCulture, $"{file.Length}-{file.LastWriteTimeUtc.Ticks}")
            : null);
    }

    /// <inheritdoc />
    public ValueTask<ImmutableArray<RepositoryFile>> ListAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Guard(_directory);
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MostLevels, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };
        try
        {
            ImmutableArray<RepositoryFile> files =
            [
                .. new DirectoryInfo(_directory).EnumerateFiles("*", options)
                    .Take(MostFiles + 1)
                    .Select(file => new RepositoryFile(Relative(file), SizeOf(file))),
            ];
            return files.Length <= MostFiles
                ? ValueTask.FromResult(files)
                : throw new ByteRangeException($"{Name}: the directory holds more than {MostFiles} files; name the model's own directory.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ByteRangeException($"{Name}: cannot be listed: {exception.Message}", exception);
        }
    }

    /// <inheritdoc />
    public Uri? AddressOf(string path) => null;

    /// <inheritdoc />
    public async ValueTask<IByteRangeSource?> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (path == File)
        {
            Guard(Name);
            return FileByteRangeSource.Open(Name);
        }

        if (RelativePath.IsSafe(path))
        {
            Guard(Path.Combine(_directory, path));
        }

        return await new LocalModelFolder(_directory).OpenAsync(path, cancellationToken).ConfigureAwait(false);
    }

    private void Guard(string path)
    {
        if (_root is not null && !RealPath.IsWithin(path, _root))
        {
            throw new ByteRangeException($"{path}: leads out of {_root}; a model on a volume must lie on it, without links to elsewhere.");
        }
    }

    private string Relative(FileInfo file) => Path.GetRelativePath(_directory, file.FullName).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>A link's own length is that of its text.</summary>
    private static long? SizeOf(FileInfo file)
    {
        try
        {
            return file.LinkTarget is null ? file.Length : file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } target ? target.Length : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
