using System.Collections.Immutable;
using GpuStack.Modeling.Hubs.Oci;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>
/// Finds models wherever a <see cref="ModelLocation"/> says they are. A hub's mirrors are asked before the hub, each for all of a model;
/// one that fails in whatever way is passed over, and what the hub itself says counts.
/// </summary>
/// <param name="client">Made with <see cref="HttpByteRangeSource.CreateHandler"/>, or one that guards its connections; all requests go through it.</param>
/// <param name="settings">Endpoints and what proves who asks.</param>
/// <param name="options">Time limits and retries; their token is not used, for the settings hold one per hub.</param>
public sealed class ModelOpener(HttpClient client, ModelHubSettings settings, HttpByteRangeOptions? options = null)
{
    private readonly HttpByteRangeOptions _options = options ?? new HttpByteRangeOptions();

    /// <summary>Finds a model. Without a format, GGUF files are preferred to safetensors where there are both.</summary>
    /// <exception cref="ByteRangeException">The place cannot be read, or holds no model of the format.</exception>
    /// <exception cref="ModelChoiceException">The location names no model of the place, or several.</exception>
    public Task<OpenedModel> OpenAsync(ModelLocation location, ModelFormat? format = null, CancellationToken cancellationToken = default) =>
        FirstAsync(location, repository => OpenAsync(location, repository, format, cancellationToken), cancellationToken);

    /// <summary>Finds a model and reads it; a mirror that has the model but fails while it is read is passed over as well.</summary>
    /// <exception cref="ByteRangeException">The place cannot be read, or holds no model of the format.</exception>
    /// <exception cref="ModelChoiceException">The location names no model of the place, or several.</exception>
    public Task<T> ReadAsync<T>(
        ModelLocation location, ModelFormat? format, Func<OpenedModel, CancellationToken, Task<T>> read, CancellationToken cancellationToken = default) =>
        FirstAsync(
            location,
            async repository =>
            {
                await using OpenedModel model = await OpenAsync(location, repository, format, cancellationToken).ConfigureAwait(false);
                return await read(model, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>
    /// Asks with one small request what stands for the location's present content (a commit, digest or entity tag): equal answers mean
    /// equal models. Null where the place has nothing of the kind.
    /// </summary>
    /// <exception cref="ByteRangeException">The place cannot be reached, or refuses.</exception>
    public Task<string?> PinAsync(ModelLocation location, CancellationToken cancellationToken = default) =>
        FirstAsync(location, async repository => await repository.PinAsync(cancellationToken).ConfigureAwait(false), cancellationToken);

    private static async Task<OpenedModel> OpenAsync(
        ModelLocation location, IModelRepository repository, ModelFormat? format, CancellationToken cancellationToken)
    {
        string? file = repository is LocalRepository local ? local.File
            : location.Kind == ModelLocationKind.Http ? WebFile(location)
            : location.NamesFile ? location.File : null;
        if (file is not null && format != ModelFormat.Safetensors && location.Kind != ModelLocationKind.Oci)
        {
            IByteRangeSource source = await repository.OpenAsync(file, cancellationToken).ConfigureAwait(false) ?? throw Missing(repository, file);
            return new OpenedModel(location, repository, ModelFormat.Gguf, GgufVariant.Named(file, source.Length), source, default);
        }

        if (location.Kind == ModelLocationKind.Http)
        {
            return format != ModelFormat.Gguf
                ? new OpenedModel(location, repository, ModelFormat.Safetensors, null, null, default)
                : throw new ByteRangeException($"{repository.Name}: an address cannot be listed; name the .gguf file.");
        }

        ImmutableArray<RepositoryFile> listing = await repository.ListAsync(cancellationToken).ConfigureAwait(false);
        GgufCatalogue catalogue = GgufCatalogue.Of(listing);
        bool wantsGguf = format == ModelFormat.Gguf || location.File is not null || location.Quantization is not null || !catalogue.Variants.IsEmpty;
        if (format != ModelFormat.Safetensors && wantsGguf)
        {
            return new OpenedModel(location, repository, ModelFormat.Gguf, Choose(location, repository, catalogue), null, listing);
        }

        return listing.Any(IsWeights)
            ? new OpenedModel(location, repository, ModelFormat.Safetensors, null, null, listing)
            : throw new ByteRangeException($"{repository.Name}: holds neither GGUF nor safetensors files; check that it is a language model's repository.");
    }

    private static GgufVariant Choose(ModelLocation location, IModelRepository repository, GgufCatalogue catalogue)
    {
        try
        {
            return catalogue.Choose(location.File, location.Quantization);
        }
        catch (ModelChoiceException exception)
        {
            throw new ModelChoiceException($"{repository.Name}: {exception.Message}", exception.Choices);
        }
    }

    private static bool IsWeights(RepositoryFile file) => file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);

    private static string? WebFile(ModelLocation location)
    {
        string path = new Uri(location.Text).AbsolutePath;
        return path.EndsWith('/') ? null : Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }

    private static ByteRangeException Missing(IModelRepository repository, string file) =>
        new($"{repository.Name}: there is no such file (404): '{file}'; check repository, revision and file name.") { Status = System.Net.HttpStatusCode.NotFound };

    /// <summary>
    /// The repositories that a hub's location is fetched from, mirrors first, or the one of an address, all with this opener's options;
    /// null for places whose files have no addresses.
    /// </summary>
    internal ImmutableArray<IRemoteRepository>? Remotes(ModelLocation location)
    {
        var session = new HttpSession(client, _options);
        IModelRepository[] all = [.. Endpoints(location).Select(endpoint => Repository(location, endpoint, session))];
        return Array.TrueForAll(all, repository => repository is IRemoteRepository) ? [.. all.Cast<IRemoteRepository>()] : null;
    }

    /// <summary>Tries the location's endpoints in their order, until one does the work; what the last one says counts.</summary>
    internal async Task<T> FirstAsync<T>(ModelLocation location, Func<IModelRepository, Task<T>> attempt, CancellationToken cancellationToken)
    {
        ImmutableArray<Uri?> endpoints = Endpoints(location);
        for (int i = 0; ; i++)
        {
            bool last = i == endpoints.Length - 1;
            try
            {
                // Another endpoint is a better second attempt than the same one.
                HttpByteRangeOptions patience = last ? _options : _options with { Attempts = 1 };
                return await attempt(Repository(location, endpoints[i], new HttpSession(client, patience))).ConfigureAwait(false);
            }
            catch (Exception) when (!last && !cancellationToken.IsCancellationRequested)
            {
                continue;
            }
        }
    }

    private ImmutableArray<Uri?> Endpoints(ModelLocation location) => location.Kind switch
    {
        ModelLocationKind.HuggingFace => [.. settings.Mirrors, settings.HuggingFaceEndpoint],
        ModelLocationKind.ModelScope => [.. settings.Mirrors, settings.ModelScopeEndpoint],
        _ => [null],
    };

    private IModelRepository Repository(ModelLocation location, Uri? endpoint, HttpSession session) => location.Kind switch
    {
        ModelLocationKind.HuggingFace =>
            new HuggingFaceRepository(session, endpoint!, location, Own(endpoint!, settings.HuggingFaceEndpoint, settings.HuggingFaceToken)),
        ModelLocationKind.ModelScope =>
            new ModelScopeRepository(session, endpoint!, location, Own(endpoint!, settings.ModelScopeEndpoint, settings.ModelScopeToken)),
        ModelLocationKind.Http => new WebRepository(session, new Uri(location.Text), new HttpAccess(settings.TokenFor(new Uri(location.Text)))),
        ModelLocationKind.Oci => new OciRepository(session, location, settings.RegistryLogins),
        _ => new LocalRepository(location.Text, settings.LocalRoot),
    };

    /// <summary>A mirror is another's server: the hub's token is not for it.</summary>
    private static string? Own(Uri endpoint, Uri hub, string? token) => HubAddress.IsServer(endpoint, hub) ? token : null;
}
