using System.Collections.Immutable;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Hubs;

/// <summary>
/// A model that was found: its GGUF files, or the folder of its safetensors files. Everything that is opened of it is of one revision.
/// Safe for concurrent use, save for disposing it.
/// </summary>
public sealed class OpenedModel : IModelFolder, IAsyncDisposable
{
    private readonly IModelRepository _repository;
    private IByteRangeSource? _first;
    private ImmutableArray<RepositoryFile> _listing;

    internal OpenedModel(
        ModelLocation location, IModelRepository repository, ModelFormat format, GgufVariant? gguf, IByteRangeSource? first, ImmutableArray<RepositoryFile> listing)
    {
        _repository = repository;
        _first = first;
        _listing = listing;
        Location = location;
        Format = format;
        Gguf = gguf;
    }

    /// <summary>The location as it was asked for.</summary>
    public ModelLocation Location { get; }

    /// <inheritdoc />
    public string Name => _repository.Name;

    /// <summary>Which of the two it is.</summary>
    public ModelFormat Format { get; }

    /// <summary>The model's GGUF files; null when it is of safetensors.</summary>
    public GgufVariant? Gguf { get; }

    /// <summary>The commit, manifest digest or entity tag that the files are of; null where the place knows nothing of the kind.</summary>
    public string? Revision => _repository.Revision;

    /// <summary>Where an engine can fetch a file, at the same revision; null for local files and layers of images.</summary>
    public Uri? AddressOf(string path) => _repository.AddressOf(path);

    /// <inheritdoc />
    public ValueTask<IByteRangeSource?> OpenAsync(string path, CancellationToken cancellationToken) =>
        path == Gguf?.Path && Interlocked.Exchange(ref _first, null) is { } first
            ? ValueTask.FromResult<IByteRangeSource?>(first)
            : _repository.OpenAsync(path, cancellationToken);

    /// <summary>Opens the model's first GGUF file.</summary>
    /// <exception cref="ByteRangeException">It cannot be read.</exception>
    /// <exception cref="InvalidOperationException">The model is of safetensors.</exception>
    public async ValueTask<IByteRangeSource> OpenGgufAsync(CancellationToken cancellationToken)
    {
        string path = Gguf?.Path ?? throw new InvalidOperationException($"{Name} is no GGUF model.");
        return await OpenAsync(path, cancellationToken).ConfigureAwait(false)
            ?? throw new ByteRangeException($"{Name}: there is no file '{path}' in it; check the name.") { Status = System.Net.HttpStatusCode.NotFound };
    }

    /// <summary>The GGUF files beside the model, among them its projectors; asks for a listing where finding the model took none.</summary>
    /// <exception cref="ByteRangeException">The place cannot be listed.</exception>
    public async ValueTask<GgufCatalogue> CatalogueAsync(CancellationToken cancellationToken)
    {
        if (_listing.IsDefault)
        {
            _listing = await _repository.ListAsync(cancellationToken).ConfigureAwait(false);
        }

        return GgufCatalogue.Of(_listing);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _first, null) is { } first)
        {
            await first.DisposeAsync().ConfigureAwait(false);
        }
    }
}
