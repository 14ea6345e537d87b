using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Transformers;
using GpuStack.Operator.Inspection;

namespace GpuStack.Operator.Commands.Plan;

/// <summary>The facts of the models that <c>plan</c> plans, as the operator finds them: what the spec's profile says beats what the files say.</summary>
internal static class PlanModels
{
    /// <summary>The facts of a model of the kind that the engine runs.</summary>
    /// <param name="source">The spec's source.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="file">The deployment's file, for messages.</param>
    /// <param name="model">What <c>--model</c> says; null for the spec's source.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InputException">There is no such model, or it cannot be read from here.</exception>
    public static async Task<InspectedModel> ReadAsync(
        ModelSourceSpec source, EngineType engine, string file, string? model, CancellationToken cancellationToken) => engine == EngineType.LlamaCpp
            ? new InspectedModel { Gguf = await GgufAsync(source, file, model, cancellationToken) }
            : new InspectedModel { Folder = await FolderAsync(source, engine, file, model, cancellationToken) };

    /// <summary>The facts of a GGUF model, for llama.cpp.</summary>
    /// <param name="source">The spec's source.</param>
    /// <param name="file">The deployment's file, for messages.</param>
    /// <param name="model">What <c>--model</c> says; null for the spec's source.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InputException">There is no such model, or it cannot be read from here.</exception>
    private static Task<LlamaCppModel> GgufAsync(ModelSourceSpec source, string file, string? model, CancellationToken cancellationToken) =>
        ExplainedAsync(file, async () => IsProfileAlone(source, model)
            ? ModelProfile.Alone(ModelSource.DisplayName(source), source.Profile)
            : ModelProfile.Override(
                await ModelFactsReader.ReadAsync(
                    model ?? Readable(source, file, () => ModelSource.Location(source).Text), model is null ? ModelSource.Mirrors(source) : [], cancellationToken),
                source.Profile));

    /// <summary>The facts of a folder of safetensors files, for vLLM and SGLang.</summary>
    /// <param name="source">The spec's source.</param>
    /// <param name="engine">The engine, for messages.</param>
    /// <param name="file">The deployment's file, for messages.</param>
    /// <param name="model">What <c>--model</c> says; null for the spec's source.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InputException">There is no such model, or it cannot be read from here.</exception>
    private static Task<TransformerModel> FolderAsync(
        ModelSourceSpec source, EngineType engine, string file, string? model, CancellationToken cancellationToken) =>
        ExplainedAsync(file, async () => IsProfileAlone(source, model)
            ? TransformerProfile.Alone(ModelSource.DisplayName(source), source.Profile)
            : TransformerProfile.Override(
                await ModelFactsReader.ReadTransformerAsync(
                    model ?? Readable(source, file, () => ModelSource.Folder(source, engine).Text), model is null ? ModelSource.Mirrors(source) : [], cancellationToken),
                source.Profile));

    private static bool IsProfileAlone(ModelSourceSpec source, string? model) => model is null && ModelSource.IsVolume(source) && source.Profile is not null;

    /// <summary>The spec's source in the words of <c>--model</c>.</summary>
    private static string Readable(ModelSourceSpec source, string file, Func<string> location) => ModelSource.IsVolume(source)
        ? throw new InputException($"{file}: spec.model: a claim or image cannot be read from here; give the model's file with --model.")
        : location();

    private static async Task<T> ExplainedAsync<T>(string file, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (InspectionFailedException exception)
        {
            throw new InputException($"{file}: {exception.Message}; or give the model's file with --model.", exception);
        }
    }
}
