using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// The token to send. A token file is read again after a minute, because service account tokens rotate; one reader at a
/// time, the others wait for it.
/// </summary>
internal sealed class BearerToken(KubernetesClientConfiguration configuration, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private Task<string>? _reading;
    private long _readAt;

    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        if (configuration.BearerTokenFile is not { } file) return configuration.BearerToken;
        Task<string> reading;
        lock (_lock)
        {
            if (_reading is null || _reading.IsFaulted || time.GetElapsedTime(_readAt) >= MaxAge)
            {
                _readAt = time.GetTimestamp();
                _reading = ReadFileAsync(file);
            }

            reading = _reading;
        }

        return await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<string> ReadFileAsync(string file)
    {
        try
        {
            return (await File.ReadAllTextAsync(file).ConfigureAwait(false)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HttpRequestException($"The token file {file} cannot be read: {e.Message}", e);
        }
    }
}
