namespace GpuStack.Modeling.Hubs;

/// <summary>A file that a repository lists.</summary>
/// <param name="Path">Its path in the repository, with <c>/</c> between its parts.</param>
/// <param name="Size">Its size in bytes; null where the repository does not tell.</param>
public sealed record RepositoryFile(string Path, long? Size)
{
    /// <summary>What stands for its content, as the repository writes it; null where it does not.</summary>
    public string? Digest { get; init; }

    /// <summary>Its name without folders.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
