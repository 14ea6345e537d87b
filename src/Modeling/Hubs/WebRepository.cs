using System.Collections.Immutable;
using System.Net.Http.Headers;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>
/// An address: a folder when it ends with <c>/</c>, whose files are found by their names, else a file, beside which the other parts of a
/// split model lie. A query, which may sign the address, is kept for all of them.
/// </summary>
internal sealed class WebRepository : IRemoteRepository
{
    private readonly HttpSession _session;
    private readonly HttpAccess _access;
    private readonly UriBuilder _folder;
    private readonly string _file;

    public WebRepository(HttpSession session, Uri address, HttpAccess access)
    {
        _session = session;
        _access = access;
        string path = address.GetComponents(UriComponents.Path, UriFormat.UriEscaped);
        int end = path.LastIndexOf('/') + 1;
        _file = Uri.UnescapeDataString(path[end..]);
        _folder = new UriBuilder(address) { Path = path[..end], Fragment = "" };
        Name = address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public string? Revision { get; private set; }

    /// <inheritdoc />
    public async ValueTask<string?> PinAsync(CancellationToken cancellationToken)
    {
        if (_file.Length > 0)
        {
            HttpProbe probe = await HttpProbe.ReadAsync(_session, AddressOf(_file), _access, cancellationToken).ConfigureAwait(false);
            Revision = probe.Commit ?? probe.ETag;
        }

        return Revision;
    }

    /// <inheritdoc />
    public ValueTask<ImmutableArray<RepositoryFile>> ListAsync(CancellationToken cancellationToken) =>
        throw new ByteRangeException($"{Name}: an address cannot be listed; name the .gguf file.");

    /// <inheritdoc />
    public Uri AddressOf(string path) => new UriBuilder(_folder.Uri) { Path = _folder.Path.TrimEnd('/') + "/" + HubAddress.Path(path) }.Uri;

    /// <inheritdoc />
    public HttpExchange Exchange(string path, EntityTagHeaderValue? ifRange) => new(_session, AddressOf(path), _access) { IfRange = ifRange };

    /// <inheritdoc />
    public async ValueTask<IByteRangeSource?> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (path != _file && !RelativePath.IsSafe(path))
        {
            throw new ByteRangeException($"{Name}: a file of a model must lie in its folder, but a name in it leads elsewhere or is none; rename the file.");
        }

        var source = new HttpByteRangeSource(_session, AddressOf(path), _access);
        if (!await source.ExistsAsync(cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        if (path == _file)
        {
            Revision ??= source.Commit ?? source.ETag;
        }

        return source;
    }
}
