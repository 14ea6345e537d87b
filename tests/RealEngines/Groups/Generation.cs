namespace GpuStack.RealEngines.Groups;

/// <summary>An answer that comes piece by piece.</summary>
internal sealed class Generation(HttpResponseMessage response, StreamReader reader) : IDisposable
{
    private const string Done = "data: [DONE]";

    /// <summary>Reads some pieces.</summary>
    /// <exception cref="IOException">The answer ended before.</exception>
    public async Task ReadAsync(int chunks, CancellationToken cancellationToken)
    {
        while (chunks > 0)
        {
            var line = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("The answer ended early.");
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                chunks--;
        }
    }

    /// <summary>Reads on; false when the answer is cut off.</summary>
    public async Task<bool> ReachesItsEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line == Done)
                    return true;
            }
            return false;
        }
        catch (Exception exception) when (exception is HttpIOException or IOException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
