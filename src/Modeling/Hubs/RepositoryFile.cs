namespace GpuStack.Modeling.Hubs;

/// <summary>A file that a repository lists.</summary>
/// <param name="Path">Its path in the repository, with <c>/</c> between its parts.</param>
/// <param name="Size">Its size in bytes; null where the repository does not tell.</param>
public sealed record RepositoryFile(string Path, long? Size)
{
    /// <summary>What stands for its content, as the repository writes it; null where it does not.</summary>
    public string? Digest { get; init; }

    /// <summary>SHA-256 of its content, 64 lower-case hexadecimal digits; null where the repository does not tell.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Git's own digest of its content (SHA-1 of a blob), 40 lower-case hexadecimal digits; null where the repository does not tell.</summary>
    public string? GitBlob { get; init; }

    /// <summary>Its name without folders.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}
