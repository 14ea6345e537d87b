using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>Reads a model's facts from wherever the command line says it is, with hub endpoints and tokens from the environment.</summary>
internal static class ModelFile
{
    /// <exception cref="InputException">There is no such file, or it is no model.</exception>
    /// <exception cref="WorkFailedException">The server cannot be reached, or fails.</exception>
    public static async Task<LlamaCppModel> ReadAsync(string location, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new HttpClient(HttpByteRangeSource.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
            ModelHubSettings settings = ModelHubSettings.FromEnvironment(Environment.GetEnvironmentVariable);
            await using IByteRangeSource source = ModelLocation.Parse(location).Open(client, settings);
            return LlamaCppModel.FromGguf(await GgufReader.ReadAsync(source, cancellationToken: cancellationToken));
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
