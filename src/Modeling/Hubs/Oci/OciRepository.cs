using System.Collections.Immutable;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs.Oci;

/// <summary>
/// An artifact or image of a registry. Its files are layers, or lie in layers that are tar archives; either way they are read by ranges of
/// the layer's blob. What is read as a whole (manifests, small layers) is compared with its digest. A tag becomes the manifest's digest
/// with the first answer.
/// </summary>
internal sealed class OciRepository : IModelRepository
{
    private const string DockerHub = "registry-1.docker.io";

    private const int LargestManifest = 4 << 20;

    /// <summary>Layers up to here are read at once.</summary>
    private const int SmallLayer = 1 << 20;

    /// <summary>Blocks in which archives are looked through: a header and what little follows it.</summary>
    private const int HeaderBlock = 4 << 10;

    /// <summary>What is unpacked of a compressed layer to find a file and read its header.</summary>
    private const long CompressedBound = 256L << 20;

    /// <summary>Content of a compressed layer that is passed over to look for more files.</summary>
    private const long CompressedPassable = 16L << 20;

    private readonly HttpSession _session;
    private readonly ModelLocation _location;
    private readonly HttpAccess _access;
    private readonly Uri _api;
    private volatile Content? _content;

    public OciRepository(HttpSession session, ModelLocation location, ImmutableArray<RegistryLogin> logins)
    {
        _session = session;
        _location = location;
        Uri registry = Registry(location.Registry!);
        bool isDockerHub = registry.Host == DockerHub;
        string repository = isDockerHub && !location.Repository!.Contains('/', StringComparison.Ordinal) ? $"library/{location.Repository}" : location.Repository!;
        _api = new Uri(registry, $"v2/{repository}/");
        _access = new OciAccess(session, registry, repository, logins.FirstOrDefault(login => IsFor(login, registry)));
        Name = $"oci://{location.Registry}/{location.Repository}{(location.IsImmutable ? "@" : ":")}{location.Revision}";
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public string? Revision => _content?.Digest;

    /// <inheritdoc />
    public async ValueTask<string?> PinAsync(CancellationToken cancellationToken) =>
        (await ManifestAsync(_location.Revision!, cancellationToken).ConfigureAwait(false)).Digest;

    /// <inheritdoc />
    public async ValueTask<ImmutableArray<RepositoryFile>> ListAsync(CancellationToken cancellationToken)
    {
        _content ??= await ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. _content.Files.Select(file => new RepositoryFile(file.Key, file.Value.Size) { Digest = file.Value.Offset is null ? file.Value.Layer.Digest : null })];
    }

    /// <inheritdoc />
    public Uri? AddressOf(string path) => null;

    /// <inheritdoc />
    public async ValueTask<IByteRangeSource?> OpenAsync(string path, CancellationToken cancellationToken)
    {
        _content ??= await ReadAsync(cancellationToken).ConfigureAwait(false);
        if (!RelativePath.IsSafe(path))
        {
            throw new ByteRangeException($"{Name}: a file of a model must lie in its folder, but a name in it leads elsewhere or is none; rename the file.");
        }

        if (!_content.Files.TryGetValue(path, out Place? place))
        {
            return null;
        }

        return place switch
        {
            { Offset: { } offset } => new SlicedByteRangeSource($"{Name}#{path}", Layer(place.Layer, null), offset, place.Size),
            { Size: <= SmallLayer } => new MemoryByteRangeSource($"{Name}#{path}", await BlobAsync(place.Layer, cancellationToken).ConfigureAwait(false)),
            _ => Layer(place.Layer, null),
        };
    }

    private static bool IsFor(RegistryLogin login, Uri registry) =>
        Uri.TryCreate($"https://{login.Registry}/", UriKind.Absolute, out _) && Registry(login.Registry) == registry;

    /// <summary>The registry's server; a name of this machine is asked without TLS, as docker does.</summary>
    private static Uri Registry(string name)
    {
        var address = new Uri($"https://{(name is "docker.io" or "index.docker.io" ? DockerHub : name)}/");
        return address.IsLoopback ? new UriBuilder(address) { Scheme = Uri.UriSchemeHttp, Port = address.IsDefaultPort ? 80 : address.Port }.Uri : address;
    }

    private async ValueTask<Content> ReadAsync(CancellationToken cancellationToken)
    {
        (OciManifest manifest, string digest) = await ManifestAsync(_location.Revision!, cancellationToken).ConfigureAwait(false);
        if (manifest.Manifest is { } inner)
        {
            (manifest, _) = await ManifestAsync(inner, cancellationToken).ConfigureAwait(false);
        }

        var files = new SortedDictionary<string, Place>(StringComparer.Ordinal);
        string? unreadable = null;
        foreach (OciLayer layer in manifest.Layers)
        {
            switch (layer.Packing)
            {
                case OciPacking.File:
                    files[layer.Title ?? Unused(files, layer.DefaultName)] = new Place(layer, null, layer.Size);
                    break;
                case OciPacking.Tar or OciPacking.TarGzip:
                    // Of images, later layers replace what earlier ones hold.
                    foreach (TarEntry entry in await EntriesAsync(layer, cancellationToken).ConfigureAwait(false))
                    {
                        files[entry.Path] = new Place(layer, entry.Offset, entry.Size);
                    }

                    break;
                case OciPacking.Unreadable:
                    unreadable = layer.MediaType;
                    break;
            }
        }

        return files.Count > 0 || unreadable is null
            ? new Content(digest, files)
            : throw new ByteRangeException($"{Name}: its layers are of the type {unreadable}, which cannot be read in part; push the model uncompressed.");
    }

    private async ValueTask<IReadOnlyList<TarEntry>> EntriesAsync(OciLayer layer, CancellationToken cancellationToken)
    {
        IByteRangeSource archive = Layer(layer, HeaderBlock);
        await using (archive.ConfigureAwait(false))
        {
            return await TarIndex.ReadAsync(archive, layer.Packing == OciPacking.Tar ? long.MaxValue : CompressedPassable, cancellationToken).ConfigureAwait(false);
        }
    }

    private IByteRangeSource Layer(OciLayer layer, int? block)
    {
        // A compressed layer is read on and on: its blocks may grow.
        bool isCompressed = layer.Packing == OciPacking.TarGzip;
        var blob = new HttpByteRangeSource(_session, BlobAddress(layer), _access, isCompressed ? null : block);
        return isCompressed ? new GzipByteRangeSource(blob, CompressedBound) : blob;
    }

    private async ValueTask<byte[]> BlobAsync(OciLayer layer, CancellationToken cancellationToken)
    {
        HttpDocument blob = await HttpDocument.ReadAsync(_session, BlobAddress(layer), _access, SmallLayer, null, cancellationToken).ConfigureAwait(false);
        return blob.Digest == layer.Digest
            ? blob.Body
            : throw new ByteRangeException($"{Name}: the layer {layer.Digest} has another content than its digest says; push it again, or check what lies between here and the registry.");
    }

    private async ValueTask<(OciManifest Manifest, string Digest)> ManifestAsync(string reference, CancellationToken cancellationToken)
    {
        HttpDocument answer = await HttpDocument
            .ReadAsync(_session, new Uri(_api, $"manifests/{reference}"), _access, LargestManifest, OciManifest.Accept, cancellationToken).ConfigureAwait(false);
        return reference.Contains(':', StringComparison.Ordinal) && reference != answer.Digest
            ? throw new ByteRangeException($"{Name}: the manifest {reference} has another content than its digest says; check what lies between here and the registry.")
            : (OciManifest.Parse(Name, answer.Body), answer.Digest);
    }

    private Uri BlobAddress(OciLayer layer) => new(_api, $"blobs/{layer.Digest}");

    private static string Unused(SortedDictionary<string, Place> files, string name)
    {
        string candidate = name;
        for (int i = 2; files.ContainsKey(candidate); i++)
        {
            candidate = $"{i}-{name}";
        }

        return candidate;
    }

    /// <summary>The files of a manifest.</summary>
    private sealed record Content(string Digest, SortedDictionary<string, Place> Files);

    /// <summary>Where a file is: a layer, or from an offset in one.</summary>
    private sealed record Place(OciLayer Layer, long? Offset, long Size);
}
