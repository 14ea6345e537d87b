using System.Collections.Immutable;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Fetching;

/// <summary>
/// Finds out what is to be fetched: of a hub from the repository's listing (mirrors are asked before the hub), of an address from the
/// heads of its files.
/// </summary>
internal sealed class SetResolver(ModelOpener opener, FetchRequest request)
{
    /// <summary>More than any file of a model has; sums of sizes stay far from overflow.</summary>
    private const long LargestFile = 1L << 44;

    /// <summary>What the file names of a web folder may be besides the weights; a folder has no listing.</summary>
    private static readonly string[] FolderFiles =
    [
        "config.json", "params.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "tekken.json",
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt", "chat_template.json", "chat_template.jinja",
        "preprocessor_config.json", "processor_config.json", "video_preprocessor_config.json", "quantize_config.json", "hf_quant_config.json",
        "model.safetensors.index.json",
    ];

    private ModelLocation Location => request.Location;

    /// <exception cref="ByteRangeException">The place cannot be reached, or refuses.</exception>
    /// <exception cref="ModelChoiceException">There is no such model, or there are several.</exception>
    public async Task<FetchSet> ResolveAsync(CancellationToken cancellationToken)
    {
        FetchSet set = await opener.FirstAsync(
            Location,
            repository => Location.Kind == ModelLocationKind.Http
                ? WebAsync((IRemoteRepository)repository, cancellationToken)
                : HubAsync((IRemoteRepository)repository, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        if (request.Sha256 is not { } sha256)
        {
            return set;
        }

        if (set.Files.Length != 1)
        {
            throw new ModelChoiceException($"{set.Source}: --sha256 is the digest of one file, but the model has {set.Files.Length}; leave it out.", []);
        }

        return set.Files[0].Sha256 is { } stated && stated != sha256
            ? throw new FetchException($"{set.Source}: the hub states the sha256 {stated} for {set.Files[0].Path}, but --sha256 is {sha256}; check which of them is meant.")
            : set with { Files = [set.Files[0] with { Sha256 = sha256, EntityTag = null }] };
    }

    private async Task<FetchSet> HubAsync(IRemoteRepository repository, CancellationToken cancellationToken)
    {
        ImmutableArray<RepositoryFile> listing;
        try
        {
            listing = await repository.ListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ByteRangeException exception) when (Location.NamesFile && !request.WithProjector && request.Format != ModelFormat.Safetensors)
        {
            // A mirror may serve files and nothing else.
            return await NamedAsync(repository, exception, cancellationToken).ConfigureAwait(false);
        }

        FetchSelection selection = FetchSelection.Of(request, repository.Name, listing);
        string? commit = repository.Revision;
        bool atCommit = IsCommit(commit);
        var files = ImmutableArray.CreateBuilder<FetchFile>(selection.Files.Length);
        foreach (RepositoryFile file in selection.Files)
        {
            long? size = file.Size ?? (await repository.ProbeAsync(file.Path, cancellationToken).ConfigureAwait(false))?.Size;
            files.Add(new FetchFile(file.Path, Sized(repository, file.Path, size)) { Sha256 = file.Sha256, GitBlob = file.GitBlob, AtCommit = atCommit });
        }

        return new FetchSet
        {
            Source = repository.Name,
            Commit = atCommit ? commit : null,
            Format = selection.Format,
            Files = files.MoveToImmutable(),
            ModelPath = selection.ModelPath,
            ProjectorPath = selection.ProjectorPath,
        };
    }

    private async Task<FetchSet> NamedAsync(IRemoteRepository repository, ByteRangeException listing, CancellationToken cancellationToken)
    {
        string? commit = null;
        var files = ImmutableArray.CreateBuilder<FetchFile>();
        GgufVariant variant = GgufVariant.Named(Location.File!, null);
        foreach (RepositoryFile part in variant.Files)
        {
            CacheLayout.FileIn("", part.Path);
            HttpProbe? probe = await ProbeOrListingAsync(repository, part.Path, listing, cancellationToken).ConfigureAwait(false);
            commit ??= IsCommit(probe.Commit) ? probe.Commit : null;

            // Hugging Face's own tag of a large file is its sha256, that of a small one git's digest.
            bool isHuggingFace = Location.Kind == ModelLocationKind.HuggingFace && probe.Commit is not null;
            string? digest = isHuggingFace && probe.ETag is { } tag && ModelLocation.IsHexadecimal(tag) ? tag.ToLowerInvariant() : null;
            files.Add(new FetchFile(part.Path, Sized(repository, part.Path, probe.Size))
            {
                Sha256 = digest is { Length: 64 } ? digest : null,
                GitBlob = digest is { Length: 40 } ? digest : null,
                AtCommit = commit is not null,
                EntityTag = commit is null ? probe.StrongTag : null,
            });
        }

        return new FetchSet { Source = repository.Name, Commit = commit, Format = ModelFormat.Gguf, Files = files.ToImmutable(), ModelPath = variant.Path };
    }

    private static async Task<HttpProbe> ProbeOrListingAsync(
        IRemoteRepository repository, string path, ByteRangeException listing, CancellationToken cancellationToken)
    {
        try
        {
            return await repository.ProbeAsync(path, cancellationToken).ConfigureAwait(false)
                ?? throw new ByteRangeException($"{repository.Name}: there is no such file (404): '{path}'; check repository, revision and file name.")
                {
                    Status = System.Net.HttpStatusCode.NotFound,
                };
        }
        catch (ByteRangeException probe) when (!probe.IsMissingFile)
        {
            // Neither works: why the listing does not is the better answer.
            throw listing;
        }
    }

    private async Task<FetchSet> WebAsync(IRemoteRepository repository, CancellationToken cancellationToken)
    {
        if (request.WithProjector)
        {
            throw new ModelChoiceException($"{repository.Name}: an address cannot be listed for a projector; fetch its address by itself.", []);
        }

        if (!Location.NamesFile)
        {
            return request.Format != ModelFormat.Gguf
                ? await WebFolderAsync(repository, cancellationToken).ConfigureAwait(false)
                : throw new ByteRangeException($"{repository.Name}: an address cannot be listed; name the .gguf file.");
        }

        string name = SiblingFile.NameOf(Location);
        GgufVariant variant = GgufVariant.Named(name, null);
        var files = ImmutableArray.CreateBuilder<FetchFile>();
        foreach (RepositoryFile part in variant.Files)
        {
            CacheLayout.FileIn("", part.Path);
            files.Add(await WebFileAsync(repository, part.Path, cancellationToken).ConfigureAwait(false)
                ?? throw new ByteRangeException($"{repository.Name}: there is no such file (404): '{part.Path}'; check the address.")
                {
                    Status = System.Net.HttpStatusCode.NotFound,
                });
        }

        return new FetchSet { Source = repository.Name, Format = ModelFormat.Gguf, Files = files.ToImmutable(), ModelPath = variant.Path };
    }

    private static async Task<FetchSet> WebFolderAsync(IRemoteRepository repository, CancellationToken cancellationToken)
    {
        var files = ImmutableArray.CreateBuilder<FetchFile>();
        foreach (string name in FolderFiles.Concat(await WeightsAsync(repository, cancellationToken).ConfigureAwait(false)))
        {
            if (await WebFileAsync(repository, name, cancellationToken).ConfigureAwait(false) is { } file)
            {
                files.Add(file);
            }
            else if (name.EndsWith(".safetensors", StringComparison.Ordinal))
            {
                throw new ByteRangeException($"{repository.Name}: there is no file '{name}' in it; check the address, and that all weights were uploaded.")
                {
                    Status = System.Net.HttpStatusCode.NotFound,
                };
            }
        }

        return new FetchSet { Source = repository.Name, Format = ModelFormat.Safetensors, Files = files.ToImmutable() };
    }

    /// <summary>The shards that the index names; without an index the one file.</summary>
    private static async Task<IEnumerable<string>> WeightsAsync(IRemoteRepository repository, CancellationToken cancellationToken)
    {
        IByteRangeSource? index = await repository.OpenAsync("model.safetensors.index.json", cancellationToken).ConfigureAwait(false);
        if (index is null)
        {
            return ["model.safetensors"];
        }

        await using (index.ConfigureAwait(false))
        {
            SafetensorsIndex shards = await SafetensorsIndexReader.ReadAsync(index, SafetensorsLimits.Default, cancellationToken).ConfigureAwait(false);
            foreach (var shard in shards.Shards)
            {
                CacheLayout.FileIn("", shard.Path);
            }

            return shards.Shards.Select(shard => shard.Path);
        }
    }

    private static async Task<FetchFile?> WebFileAsync(IRemoteRepository repository, string path, CancellationToken cancellationToken) =>
        await repository.ProbeAsync(path, cancellationToken).ConfigureAwait(false) is { } probe
            ? new FetchFile(path, Sized(repository, path, probe.Size)) { EntityTag = probe.StrongTag }
            : null;

    private static bool IsCommit(string? text) => text is { Length: 40 } && ModelLocation.IsHexadecimal(text);

    private static long Sized(IRemoteRepository repository, string path, long? size) => size is >= 0 and <= LargestFile and long known
        ? known
        : throw new ByteRangeException(
            $"{repository.Name}: the server tells no size of '{path}', or one beyond {LargestFile >> 40} TiB, so that nobody could say when it is complete; use another server.");
}
