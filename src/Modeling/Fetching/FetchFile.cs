namespace GpuStack.Modeling.Fetching;

/// <summary>A file that is to be fetched, and what proves that its bytes are the right ones.</summary>
/// <param name="Path">Its path in the repository, with <c>/</c> between its parts; safe to place below a folder.</param>
/// <param name="Size">Its size in bytes.</param>
internal sealed record FetchFile(string Path, long Size)
{
    /// <summary>SHA-256 of its content, lower-case hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Git's digest of its content, lower-case hexadecimal.</summary>
    public string? GitBlob { get; init; }

    /// <summary>The strong entity tag of its bytes, in quotes; only where nothing else tells one version from another.</summary>
    public string? EntityTag { get; init; }

    /// <summary>Whether its address holds a commit, so that it always leads to the same bytes.</summary>
    public bool AtCommit { get; init; }

    /// <summary>Whether bytes of an earlier run can be shown to be of this version.</summary>
    public bool CanResume => Sha256 is not null || GitBlob is not null || EntityTag is not null || AtCommit;
}
