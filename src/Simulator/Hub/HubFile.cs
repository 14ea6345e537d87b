namespace GpuStack.Simulator.Hub;

/// <summary>A file of the hub: its first bytes exist on disk, the rest up to its size is zeros.</summary>
/// <param name="Owner">Account of the repository.</param>
/// <param name="Repo">Repository within the account.</param>
/// <param name="Revision">Branch or tag; the commit works, too.</param>
/// <param name="Commit">The commit that the revision means.</param>
/// <param name="File">Path within the repository.</param>
/// <param name="Path">Where the bytes that exist are.</param>
/// <param name="HeaderBytes">How many bytes exist.</param>
/// <param name="SizeBytes">The size that the file claims.</param>
/// <param name="ETag">Its digest.</param>
public sealed record HubFile(
    string Owner, string Repo, string Revision, string Commit, string File, string Path, long HeaderBytes, long SizeBytes, string ETag)
{
    /// <summary><c>owner/repo</c>.</summary>
    public string Repository => $"{Owner}/{Repo}";
}
