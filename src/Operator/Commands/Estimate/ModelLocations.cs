using System.Collections.Immutable;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Hubs;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Safetensors;
using GpuStack.Modeling.Sources;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>Reads models from wherever the command line says they are, with hub endpoints and tokens from the environment.</summary>
internal static class ModelLocations
{
    /// <summary>Standard input, for models that come through a pipe.</summary>
    public const string StandardInput = "-";

    /// <summary>Reads a model's header or configuration.</summary>
    /// <param name="location">What the command line says.</param>
    /// <param name="format">The format that is wanted; null: what is there.</param>
    /// <param name="error">Where the progress of reading from afar is shown.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InputException">There is no such model, or it is none.</exception>
    /// <exception cref="WorkFailedException">The server cannot be reached, or fails.</exception>
    public static Task<ReadModel> ReadAsync(string location, ModelFormat? format, TextWriter error, CancellationToken cancellationToken) =>
        ReadAsync(location, format, HubEnvironment.Read, error, cancellationToken);

    /// <inheritdoc cref="ReadAsync(string, ModelFormat?, TextWriter, CancellationToken)" />
    internal static async Task<ReadModel> ReadAsync(
        string location, ModelFormat? format, Func<ModelHubSettings> settings, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            if (location == StandardInput)
            {
                await using var input = new StreamByteRangeSource(Console.OpenStandardInput(), "standard input");
                return new ReadModel(location) { Header = await GgufReader.ReadAsync(input, cancellationToken: cancellationToken) };
            }

            ModelLocation place = ModelLocation.Parse(location);
            using var client = new HttpClient(HttpByteRangeSource.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
            var opener = new ModelOpener(client, settings());
            Task<ReadModel> OpenAsync() => opener.ReadAsync(place, format, (model, token) => ReadAsync(location, model, token), cancellationToken);
            return place.Kind == ModelLocationKind.File ? await OpenAsync() : await ReadingProgress.ShowAsync(error, location, OpenAsync);
        }
        catch (ByteRangeException exception) when (exception.IsTransient)
        {
            throw new WorkFailedException(exception.Message, exception);
        }
        catch (Exception exception) when (exception is ByteRangeException or GgufFormatException or FormatException
            or ModelChoiceException or TransformerFormatException or SafetensorsFormatException)
        {
            throw new InputException(exception.Message, exception);
        }
    }

    /// <summary>The facts of a GGUF model.</summary>
    /// <exception cref="InputException">There is no such model, or it is none of llama.cpp's.</exception>
    /// <exception cref="WorkFailedException">The server cannot be reached, or fails.</exception>
    public static async Task<LlamaCppModel> ReadLlamaCppAsync(string location, TextWriter error, CancellationToken cancellationToken) =>
        LlamaCpp(await ReadAsync(location, ModelFormat.Gguf, error, cancellationToken));

    /// <summary>The facts of a GGUF model that was read.</summary>
    /// <exception cref="InputException">The file is none of a language model.</exception>
    public static LlamaCppModel LlamaCpp(ReadModel model) => Facts(model, LlamaCppModel.FromGguf);

    /// <summary>Facts of a GGUF file that was read.</summary>
    /// <exception cref="InputException">The file does not hold them.</exception>
    public static T Facts<T>(ReadModel model, Func<GgufHeader, T> read)
    {
        try
        {
            return read(model.Header ?? throw new InputException($"{model.Location}: is no GGUF file; name a .gguf file."));
        }
        catch (GgufFormatException exception)
        {
            throw new InputException(exception.Message, exception);
        }
    }

    private static async Task<ReadModel> ReadAsync(string location, OpenedModel model, CancellationToken cancellationToken)
    {
        if (model.Format == ModelFormat.Safetensors)
        {
            return new ReadModel(location) { Transformer = await TransformerModelReader.ReadAsync(model, cancellationToken: cancellationToken) };
        }

        return new ReadModel(location)
        {
            Header = await GgufFiles.ReadAsync(model.Gguf!.Path, model.OpenAsync, cancellationToken: cancellationToken),
            Size = model.Gguf.Size is long size ? new(size) : null,
            Variants = await VariantsAsync(model, cancellationToken),
        };
    }

    /// <summary>The repository's models; none where the location names one file.</summary>
    private static async Task<ImmutableArray<GgufVariant>> VariantsAsync(OpenedModel model, CancellationToken cancellationToken) =>
        model.Location is { NamesFile: false, Kind: ModelLocationKind.HuggingFace or ModelLocationKind.ModelScope }
            ? (await model.CatalogueAsync(cancellationToken)).Variants
            : [];
}
