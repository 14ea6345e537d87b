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

    /// <summary>Whether the source is a GGUF file, by its name.</summary>
    public static bool IsGguf(ModelSourceSpec model) => FileName(model)?.EndsWith(GgufSuffix, StringComparison.OrdinalIgnoreCase) is true;

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

    private static IEnumerable<Uri> Endpoints(ModelSourceSpec model, Uri hub) =>
        (model.Mirrors ?? []).Where(mirror => Uri.TryCreate(mirror, UriKind.Absolute, out _)).Select(mirror => new Uri(mirror)).Append(hub);

    private static Uri Address(ModelLocation location, ModelHubSettings settings) =>
        location.TryGetAddress(settings, out var address) ? address : throw new FormatException($"'{location}' is no address.");
}
