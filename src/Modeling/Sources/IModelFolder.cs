namespace GpuStack.Modeling.Sources;

/// <summary>
/// The files of one model, opened by their relative names: a local directory, a repository of a hub at one revision, an address
/// that files lie under. Safe for concurrent use; each source that it opens belongs to its caller.
/// </summary>
public interface IModelFolder
{
    /// <summary>What a person would call it (a path, an address or a repository, without secrets); used in messages.</summary>
    string Name { get; }

    /// <summary>Opens a file by its path relative to the folder, with <c>/</c> between its parts; null when there is no such file.</summary>
    /// <exception cref="ByteRangeException">
    /// The folder cannot be read, or the path leads out of it. A folder never answers null for a file that it merely failed to reach.
    /// </exception>
    ValueTask<IByteRangeSource?> OpenAsync(string path, CancellationToken cancellationToken);
}
