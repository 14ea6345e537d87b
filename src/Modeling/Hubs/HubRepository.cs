using System.Collections.Immutable;
using System.Net.Http.Headers;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>
/// A repository of Hugging Face or ModelScope at one revision. A branch or tag becomes a commit with the first answer that names it, and
/// what is read after it is of that commit, so that the parts of a model belong together.
/// </summary>
internal abstract class HubRepository(HttpSession session, Uri endpoint, ModelLocation location, HttpAccess access) : IRemoteRepository
{
    /// <summary>More than any repository of one model has; a listing beyond it is refused.</summary>
    protected const int MostFiles = 50_000;

    private volatile HubListing? _listing;
    private volatile string? _commit;
    private volatile string? _tag;

    /// <inheritdoc />
    public string Name => $"{(location.Kind == ModelLocationKind.ModelScope ? "ms" : "hf")}://{location.Repository}@{location.Revision}";

    /// <inheritdoc />
    public string? Revision => Commit ?? _tag;

    protected HttpSession Session => session;

    protected HttpAccess Access => access;

    protected string Repository => location.Repository!;

    /// <summary>The commit where it is known, else the revision as it was asked for.</summary>
    protected string PinnedRevision => Commit ?? location.Revision!;

    private string? Commit => _commit ?? _listing?.Commit;

    /// <inheritdoc />
    public async ValueTask<string?> PinAsync(CancellationToken cancellationToken)
    {
        if (location.NamesFile)
        {
            // Works on mirrors that serve files and nothing else.
            HttpProbe probe = await HttpProbe.ReadAsync(session, AddressOf(location.File!), access, cancellationToken).ConfigureAwait(false);
            return probe.Commit ?? probe.ETag;
        }

        return await ResolveAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<ImmutableArray<RepositoryFile>> ListAsync(CancellationToken cancellationToken)
    {
        _listing ??= await ReadListingAsync(cancellationToken).ConfigureAwait(false);
        return _listing.Files;
    }

    /// <inheritdoc />
    public Uri AddressOf(string path) => HubAddress.File(endpoint, location.Kind, Repository, PinnedRevision, path);

    /// <inheritdoc />
    public HttpExchange Exchange(string path, EntityTagHeaderValue? ifRange) => new(session, AddressOf(path), access) { IfRange = ifRange };

    /// <inheritdoc />
    public async ValueTask<IByteRangeSource?> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (!RelativePath.IsSafe(path))
        {
            throw new ByteRangeException($"{Name}: a file of a model must lie in its folder, but a name in it leads elsewhere or is none; rename the file.");
        }

        if (_listing is { } listing && !listing.Files.Any(file => file.Path == path))
        {
            return null;
        }

        var source = new HttpByteRangeSource(session, AddressOf(path), access);
        if (_listing is not null)
        {
            return source;
        }

        // Only the answer tells whether the file is there; the block that comes with it is kept by the source.
        if (!await source.ExistsAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        _commit ??= source.Commit;
        _tag ??= source.ETag;
        return source;
    }

    protected Uri Api(string path) => HubAddress.Below(endpoint, path);

    /// <summary>Files that no folder may hold are left out: they could not be opened.</summary>
    protected static bool IsListed(RepositoryFile file) => RelativePath.IsSafe(file.Path);

    /// <summary>What the revision means now, with as little as the hub's API allows.</summary>
    protected abstract ValueTask<string?> ResolveAsync(CancellationToken cancellationToken);

    protected abstract ValueTask<HubListing> ReadListingAsync(CancellationToken cancellationToken);

    /// <summary>A listing, and the commit that it is of.</summary>
    protected sealed record HubListing(string? Commit, ImmutableArray<RepositoryFile> Files);
}
