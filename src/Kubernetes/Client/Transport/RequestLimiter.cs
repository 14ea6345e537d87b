using GpuStack.Kubernetes.Queues;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>Makes requests wait so that no more than so many a second are sent.</summary>
internal sealed class RequestLimiter(double requestsPerSecond, int burst, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TokenBucket _bucket = new(requestsPerSecond, burst, time);

    /// <exception cref="ArgumentOutOfRangeException">The options ask for no requests at all.</exception>
    public static RequestLimiter? Create(KubernetesClientOptions options, TimeProvider time)
    {
        if (options.RequestsPerSecond is not { } rate) return null;
        if (!(rate > 0 && double.IsFinite(rate))) throw new ArgumentOutOfRangeException(nameof(options), "RequestsPerSecond must be above 0; null sets no limit.");
        var burst = options.RequestBurst ?? (int)Math.Ceiling(Math.Min(rate * 2, int.MaxValue));
        return burst >= 1
            ? new RequestLimiter(rate, burst, time)
            : throw new ArgumentOutOfRangeException(nameof(options), "RequestBurst must be at least 1.");
    }

    /// <summary>Returns when it is the caller's turn. Who stops waiting leaves the place to the others.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock) wait = _bucket.Take();
        if (wait <= TimeSpan.Zero) return;
        try
        {
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_lock) _bucket.Return();
            throw;
        }
    }
}
