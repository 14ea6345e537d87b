using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>Reads a model's facts from wherever the command line says it is, with hub endpoints and tokens from the environment.</summary>
internal static class ModelFile
{
    /// <summary>Standard input, for models that come through a pipe.</summary>
    private const string StandardInput = "-";

    /// <exception cref="InputException">There is no such file, or it is no model.</exception>
    /// <exception cref="WorkFailedException">The server cannot be reached, or fails.</exception>
    public static async Task<LlamaCppModel> ReadAsync(string location, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new HttpClient(HttpByteRangeSource.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
            ModelHubSettings settings = ModelHubSettings.FromEnvironment(Environment.GetEnvironmentVariable);
            if (location == StandardInput)
            {
                await using var input = new StreamByteRangeSource(Console.OpenStandardInput(), "standard input");
                return LlamaCppModel.FromGguf(await GgufReader.ReadAsync(input, cancellationToken: cancellationToken));
            }

            ModelLocation model = ModelLocation.Parse(location);
            string file = SiblingFile.NameOf(model);
            return LlamaCppModel.FromGguf(await GgufFiles.ReadAsync(
                file,
                (name, _) => ValueTask.FromResult<IByteRangeSource?>((name == file ? model : SiblingFile.Of(model, name)).Open(client, settings)),
                cancellationToken: cancellationToken));
        }
        catch (ByteRangeException exception) when (exception.IsTransient)
        {
            throw new WorkFailedException(exception.Message, exception);
        }
        catch (Exception exception) when (exception is ByteRangeException or GgufFormatException or FormatException)
        {
            throw new InputException(exception.Message, exception);
        }
    }
}
