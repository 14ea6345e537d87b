using System.Collections.Immutable;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Fetching;

/// <summary>The files of a repository that make up the model that is asked for. Pure.</summary>
/// <param name="Format">The model's format.</param>
/// <param name="Files">Its files.</param>
/// <param name="ModelPath">The file that an engine is given; null for the folder.</param>
/// <param name="ProjectorPath">The multimodal projector, where it was asked for.</param>
internal sealed record FetchSelection(ModelFormat Format, ImmutableArray<RepositoryFile> Files, string? ModelPath, string? ProjectorPath)
{
    /// <summary>Chooses by a repository's listing, as <see cref="ModelOpener"/> chooses.</summary>
    /// <exception cref="ModelChoiceException">There is no such model, or there are several.</exception>
    public static FetchSelection Of(FetchRequest request, string name, ImmutableArray<RepositoryFile> listing)
    {
        ModelLocation location = request.Location;
        ImmutableArray<RepositoryFile> files = [.. listing.Where(file => CacheLayout.CanHold(file.Path)).DistinctBy(file => file.Path, StringComparer.Ordinal)];
        GgufCatalogue catalogue = GgufCatalogue.Of(files);
        bool gguf = request.Format == ModelFormat.Gguf
            || (request.Format is null && (location.File is not null || location.Quantization is not null || !catalogue.Variants.IsEmpty));
        if (!gguf)
        {
            return Folder(request, name, files);
        }

        try
        {
            GgufVariant variant = catalogue.Choose(location.File, location.Quantization);
            RepositoryFile? projector = !request.WithProjector ? null : catalogue.ProjectorFor(variant)
                ?? throw new ModelChoiceException("there is no multimodal projector (mmproj) beside the model; leave --mmproj out.", []);
            return new FetchSelection(
                ModelFormat.Gguf, projector is null ? variant.Files : [.. variant.Files, projector], variant.Path, projector?.Path);
        }
        catch (ModelChoiceException exception)
        {
            throw new ModelChoiceException($"{name}: {exception.Message}", exception.Choices);
        }
    }

    private static FetchSelection Folder(FetchRequest request, string name, ImmutableArray<RepositoryFile> files)
    {
        if (request.WithProjector)
        {
            throw new ModelChoiceException($"{name}: a projector (mmproj) goes with GGUF models only; leave --mmproj out.", []);
        }

        if (request.Location.File is not null || request.Location.Quantization is not null)
        {
            throw new ModelChoiceException($"{name}: a model of safetensors is fetched as a whole; name the repository alone.", []);
        }

        ImmutableArray<RepositoryFile> chosen = WholeRepository.Choose(files);
        return chosen.Any(WholeRepository.IsSafetensors)
            ? new FetchSelection(ModelFormat.Safetensors, chosen, null, null)
            : throw new ModelChoiceException($"{name}: holds neither GGUF nor safetensors files; check that it is a language model's repository.", []);
    }
}
