using System.Collections.Immutable;
using GpuStack.Entities.Conditions;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling.Sources;
using GpuStack.Operator.Hosting;

namespace GpuStack.Operator.Inspection;

/// <summary>What <c>spec.model</c> points to. Pure.</summary>
internal static class ModelSource
{
    private const string GgufSuffix = ".gguf";

    /// <summary>
    /// Whether the source is one of GGUF files, by its names: of the file, or, where the whole repository or a pattern is named, of the
    /// repository, which by convention ends in GGUF.
    /// </summary>
    public static bool IsGguf(ModelSourceSpec model) => FileName(model) is { } file
        ? file.EndsWith(GgufSuffix, StringComparison.OrdinalIgnoreCase) || (!NamesOneFile(file) && NamesGgufRepository(model))
        : NamesGgufRepository(model);

    /// <summary>Whether GGUF files may be found in the source: not where a file of another kind is named.</summary>
    public static bool MayBeGguf(ModelSourceSpec model) =>
        IsGguf(model) || ((model.HuggingFace ?? (object?)model.ModelScope) is not null && (FileName(model) is not { } file || !NamesOneFile(file)));

    /// <summary>The file that the source names; null when it names a whole repository.</summary>
    public static string? FileName(ModelSourceSpec model) => model switch
    {
        { HuggingFace: { } hub } => hub.File,
        { ModelScope: { } hub } => hub.File,
        { Url: { } url } => Uri.TryCreate(url.Url, UriKind.Absolute, out var address) ? Path.GetFileName(address.AbsolutePath) : null,
        { PersistentVolumeClaim: { } claim } => Path.GetFileName(claim.Path),
        { Image: { } image } => Path.GetFileName(image.Path),
        _ => null,
    };

    /// <summary>The file that was found, for the status: the one that the source names, or the one that was chosen for it.</summary>
    public static string? FoundFile(ModelSourceSpec model, string downloadUrl)
    {
        if (FileName(model) is { } named && NamesOneFile(named))
            return named;
        const string marker = "/resolve/";
        var address = downloadUrl.IndexOf(marker, StringComparison.Ordinal) is >= 0 and var at ? downloadUrl[(at + marker.Length)..] : "";
        return address.IndexOf('/') is > 0 and var end ? Uri.UnescapeDataString(address[(end + 1)..]) : FileName(model);
    }

    /// <summary>The short name that the status shows.</summary>
    public static string DisplayName(ModelSourceSpec model) => model switch
    {
        { HuggingFace: { } hub } => hub.Repository,
        { ModelScope: { } hub } => hub.Repository,
        { PersistentVolumeClaim: { } claim } => $"{claim.ClaimName}/{claim.Path}",
        { Image: { } image } => image.Reference,
        _ => FileName(model) ?? "",
    };

    /// <summary>The engine that runs it.</summary>
    public static EngineType Engine(ModelDeploymentSpec spec) => spec.Engine.Type != EngineType.Auto
        ? spec.Engine.Type
        : IsGguf(spec.Model) ? EngineType.LlamaCpp : EngineType.VLLM;

    /// <summary>Whether the model is on a volume, which the operator cannot read from outside.</summary>
    public static bool IsVolume(ModelSourceSpec model) => model.PersistentVolumeClaim is not null || model.Image is not null;

    /// <summary>The addresses to try, mirrors first.</summary>
    /// <exception cref="InspectionFailedException">The source names no readable file.</exception>
    public static ImmutableArray<Uri> Addresses(ModelSourceSpec model, OperatorSettings settings)
    {
        try
        {
            if (model.Url is { } url)
                return [Address(ModelLocation.Parse(url.Url), new ModelHubSettings())];
            if (model.HuggingFace is { } huggingFace)
            {
                var location = ModelLocation.HuggingFace(huggingFace.Repository, huggingFace.File ?? "", huggingFace.Revision);
                return [.. Endpoints(model, settings.HuggingFaceEndpoint).Select(endpoint => Address(location, new ModelHubSettings { HuggingFaceEndpoint = endpoint }))];
            }
            if (model.ModelScope is { } modelScope)
            {
                var location = ModelLocation.ModelScope(modelScope.Repository, modelScope.File ?? "", modelScope.Revision);
                return [.. Endpoints(model, settings.ModelScopeEndpoint).Select(endpoint => Address(location, new ModelHubSettings { ModelScopeEndpoint = endpoint }))];
            }
            return [];
        }
        catch (FormatException exception)
        {
            throw new InspectionFailedException(ConditionReasons.ModelNotFound, $"spec.model: {exception.Message}", inner: exception);
        }
    }

    /// <summary>Where the files are that an engine runs.</summary>
    /// <exception cref="InspectionFailedException">The source names nothing that can be read, or another kind of file.</exception>
    public static ModelLocation Location(ModelSourceSpec model, EngineType engine) =>
        engine == EngineType.LlamaCpp ? Location(model) : Folder(model, engine);

    /// <summary>Where the source's GGUF files are.</summary>
    /// <exception cref="InspectionFailedException">The source names nothing that can be read, or another kind of file.</exception>
    public static ModelLocation Location(ModelSourceSpec model)
    {
        if (!MayBeGguf(model))
        {
            throw new InspectionFailedException(
                ConditionReasons.ModelInvalid, $"llama.cpp runs GGUF files: name a file that ends in .gguf in spec.model ({DisplayName(model)})");
        }
        try
        {
            return ModelLocation.Parse(model switch
            {
                { HuggingFace: { } hub } => $"hf://{hub.Repository}{Below(hub.File)}@{hub.Revision}",
                { ModelScope: { } hub } => $"ms://{hub.Repository}{Below(hub.File)}@{hub.Revision}",
                { Url: { } url } => url.Url,
                _ => "",
            });
        }
        catch (FormatException exception)
        {
            throw new InspectionFailedException(ConditionReasons.ModelNotFound, $"spec.model: {exception.Message}", inner: exception);
        }
    }

    /// <summary>Where the source's folder of safetensors files is, for vLLM and SGLang: the whole repository, whatever file of it is named.</summary>
    /// <exception cref="InspectionFailedException">The source names nothing that can be read, or GGUF files.</exception>
    public static ModelLocation Folder(ModelSourceSpec model, EngineType engine)
    {
        if (IsGguf(model))
        {
            throw new InspectionFailedException(
                ConditionReasons.ModelInvalid,
                $"the engine {engine} is for folders of safetensors files, and spec.model names GGUF files ({DisplayName(model)}): name a repository of safetensors files, or use the engine LlamaCpp");
        }

        try
        {
            return ModelLocation.Parse(model switch
            {
                { HuggingFace: { } hub } => $"hf://{hub.Repository}@{hub.Revision}",
                { ModelScope: { } hub } => $"ms://{hub.Repository}@{hub.Revision}",
                { Url: { } url } => url.Url,
                _ => "",
            });
        }
        catch (FormatException exception)
        {
            throw new InspectionFailedException(ConditionReasons.ModelNotFound, $"spec.model: {exception.Message}", inner: exception);
        }
    }

    /// <summary>The hubs as an installation of the operator knows them, with the source's mirrors and token.</summary>
    public static ModelHubSettings Hubs(ModelSourceSpec model, OperatorSettings settings, string? token) => new()
    {
        HuggingFaceEndpoint = settings.HuggingFaceEndpoint,
        ModelScopeEndpoint = settings.ModelScopeEndpoint,
        Mirrors = Mirrors(model, settings),
        HuggingFaceToken = model.HuggingFace is null ? null : token,
        ModelScopeToken = model.ModelScope is null ? null : token,
        AddressToken = model.Url is null ? null : token,
    };

    /// <summary>The source's mirrors, as far as they are addresses.</summary>
    public static ImmutableArray<Uri> Mirrors(ModelSourceSpec model) =>
        [.. (model.Mirrors ?? []).Select(mirror => Uri.TryCreate(mirror, UriKind.Absolute, out var address) ? address : null).OfType<Uri>()];

    /// <summary>The source's mirrors, then the installation's, for models that come from a hub.</summary>
    public static ImmutableArray<Uri> Mirrors(ModelSourceSpec model, OperatorSettings settings) =>
        model.HuggingFace is null && model.ModelScope is null ? Mirrors(model) : [.. Mirrors(model).Concat(settings.ModelMirrors).Distinct()];

    private static string Below(string? file) => file is null ? "" : $"/{file}";

    /// <summary>A pattern or a folder (a name without ending) is no file.</summary>
    private static bool NamesOneFile(string file) => !file.Contains('*', StringComparison.Ordinal) && Path.HasExtension(file);

    private static bool NamesGgufRepository(ModelSourceSpec model) =>
        (model.HuggingFace?.Repository ?? model.ModelScope?.Repository)?.EndsWith("GGUF", StringComparison.OrdinalIgnoreCase) is true;

    private static IEnumerable<Uri> Endpoints(ModelSourceSpec model, Uri hub) =>
        Mirrors(model).Append(hub);

    private static Uri Address(ModelLocation location, ModelHubSettings settings) =>
        location.TryGetAddress(settings, out var address) ? address : throw new FormatException($"'{location}' is no address.");
}
