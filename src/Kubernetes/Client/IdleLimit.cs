namespace GpuStack.Kubernetes.Client;

/// <summary>
/// Ends a wait in which nothing arrives. Only waits count, not what the reader does with what arrived.
/// </summary>
internal sealed class IdleLimit : IDisposable
{
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _linked;

    /// <param name="limit">How long a wait may be; infinite for no limit.</param>
    /// <param name="time">The clock.</param>
    /// <param name="others">What else ends the wait.</param>
    public IdleLimit(TimeSpan limit, TimeProvider time, params ReadOnlySpan<CancellationToken> others)
    {
        Limit = limit;
        _idle = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource([_idle.Token, .. others]);
    }

    /// <summary>Of the waits that begin from now on.</summary>
    public TimeSpan Limit { get; set; }

    /// <summary>Cancelled when a wait was too long, and by the others.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>Whether a wait was too long.</summary>
    public bool IsExceeded => _idle.IsCancellationRequested;

    public void Dispose()
    {
        _linked.Dispose();
        _idle.Dispose();
    }

    /// <summary>A wait begins.</summary>
    public void Arm() => _idle.CancelAfter(Limit);

    /// <summary>A wait is over.</summary>
    public void Disarm() => _idle.CancelAfter(Timeout.InfiniteTimeSpan);
}
