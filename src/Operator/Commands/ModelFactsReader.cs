using System.Collections.Immutable;
using GpuStack.Modeling.Facts;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Operator.Commands;

/// <summary>
/// The facts of models, for commands: from wherever the command line says the model is, with hub endpoints and tokens from the
/// environment. Facts of models that are not on this machine are kept in a cache of the user's, which the variable GPUSTACK_NO_CACHE
/// switches off.
/// </summary>
internal static class ModelFactsReader
{
    /// <summary>Standard input, for models that come through a pipe.</summary>
    private const string StandardInput = "-";

    /// <summary>Facts of other builds are not used: they may lack what this one knows of models.</summary>
    private static readonly FactsFormat<LlamaCppModel> Format = new(
        typeof(LlamaCppModel).Module.ModuleVersionId.ToString("N"), model => model.ToJson(), LlamaCppModel.FromJson);

    /// <summary>Reads the facts of a GGUF model.</summary>
    /// <exception cref="InputException">There is no such file, or it is no model.</exception>
    /// <exception cref="WorkFailedException">The server cannot be reached, or fails.</exception>
    public static Task<LlamaCppModel> ReadAsync(string location, CancellationToken cancellationToken) => ReadAsync(location, [], cancellationToken);

    /// <summary>Reads the facts of a GGUF model.</summary>
    /// <param name="location">Where it is; <c>-</c> for standard input.</param>
    /// <param name="mirrors">Endpoints that are asked before the location's hub.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">There is no such file, or it is no model.</exception>
    /// <exception cref="WorkFailedException">The server cannot be reached, or fails.</exception>
    public static Task<LlamaCppModel> ReadAsync(string location, ImmutableArray<Uri> mirrors, CancellationToken cancellationToken) => ExplainedAsync(async () =>
    {
        if (location == StandardInput)
        {
            await using var input = new StreamByteRangeSource(Console.OpenStandardInput(), "standard input");
            return LlamaCppModel.FromGguf(await GgufReader.ReadAsync(input, cancellationToken: cancellationToken));
        }

        return await ReadAsync(ModelLocation.Parse(location), HubEnvironment.Read() with { Mirrors = mirrors }, CacheDirectory(), cancellationToken);
    });

    /// <summary>Reads the facts of a GGUF model.</summary>
    /// <param name="location">Where it is.</param>
    /// <param name="settings">Endpoints and what proves who asks.</param>
    /// <param name="cacheDirectory">Where facts are kept; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal static async Task<LlamaCppModel> ReadAsync(
        ModelLocation location, ModelHubSettings settings, string? cacheDirectory, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(HttpByteRangeSource.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        var opener = new ModelOpener(client, settings);
        Task<(LlamaCppModel Model, string? Pin)> FindOutAsync() => opener.ReadAsync(location, ModelFormat.Gguf, FactsAsync, cancellationToken);
        if (cacheDirectory is null || location.Kind == ModelLocationKind.File)
        {
            return (await FindOutAsync()).Model;
        }

        return await new ModelFactsCache<LlamaCppModel>(new FileFactsStore<LlamaCppModel>(cacheDirectory, Format), TimeProvider.System).GetAsync(
            ModelFactsKey.Of(location, settings, "LlamaCpp"), location.IsImmutable, () => opener.PinAsync(location, cancellationToken), FindOutAsync, cancellationToken);
    }

    /// <summary>Reads the facts of a folder of safetensors files, for vLLM and SGLang. They are not kept: a folder's headers are read in a moment.</summary>
    /// <param name="location">Where it is: a folder, an address that ends in /, hf://… or ms://….</param>
    /// <param name="mirrors">Endpoints that are asked before the location's hub.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">There is no such folder, or it holds no model.</exception>
    /// <exception cref="WorkFailedException">The server cannot be reached, or fails.</exception>
    public static Task<TransformerModel> ReadTransformerAsync(
        string location, ImmutableArray<Uri> mirrors, CancellationToken cancellationToken) => ExplainedAsync(async () =>
    {
        if (location == StandardInput || location.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"--model: '{location}' is no folder: vLLM and SGLang are planned for folders of safetensors files; name one, or use the engine LlamaCpp.");
        using var client = new HttpClient(HttpByteRangeSource.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        var opener = new ModelOpener(client, HubEnvironment.Read() with { Mirrors = mirrors });
        var place = ModelLocation.Parse(location);
        // A folder on this machine is called by its own name, not by its path.
        var name = place.Kind == ModelLocationKind.File ? new DirectoryInfo(place.Text).Name : null;
        return await opener.ReadAsync(
            place, ModelFormat.Safetensors,
            (model, token) => TransformerModelReader.ReadAsync(model, name, cancellationToken: token), cancellationToken);
    });

    private static string? CacheDirectory() => Environment.GetEnvironmentVariable("GPUSTACK_NO_CACHE") is null or "" or "0"
        ? FileFactsStore<LlamaCppModel>.DirectoryOf(Environment.GetEnvironmentVariable) : null;

    private static async Task<(LlamaCppModel Model, string? Pin)> FactsAsync(OpenedModel model, CancellationToken cancellationToken) =>
        (LlamaCppModel.FromGguf(await GgufFiles.ReadAsync(model.Gguf!.Path, model.OpenAsync, cancellationToken: cancellationToken)), model.Revision);

    private static async Task<T> ExplainedAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (ByteRangeException exception) when (exception.IsTransient)
        {
            throw new WorkFailedException(exception.Message, exception);
        }
        catch (Exception exception) when (exception is ByteRangeException or GgufFormatException or ModelChoiceException or FormatException
            or TransformerFormatException or SafetensorsFormatException)
        {
            throw new InputException(exception.Message, exception);
        }
    }
}
