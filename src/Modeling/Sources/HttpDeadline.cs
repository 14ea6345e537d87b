namespace GpuStack.Modeling.Sources;

/// <summary>A token that is cancelled with the caller's, or when the time is up.</summary>
internal sealed class HttpDeadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly ITimer _timer;

    public HttpDeadline(TimeSpan time, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = timeProvider.CreateTimer(static state => Expire((CancellationTokenSource)state!), _source, time, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    private static void Expire(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work ended in time, while this was about to run.
        }
    }
}
