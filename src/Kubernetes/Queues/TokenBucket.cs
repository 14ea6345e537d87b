namespace GpuStack.Kubernetes.Queues;

/// <summary>
/// A bucket that may go into debt: each take is granted, and told how long to wait until the bucket has made up for it.
/// Not thread-safe.
/// </summary>
internal sealed class TokenBucket(double rate, int burst, TimeProvider time)
{
    /// <summary>The longest wait, whatever the debt: a day.</summary>
    private const double LongestWait = 86400;

    private double _tokens = burst;
    private long _filledAt = time.GetTimestamp();

    public TimeSpan Take()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * rate);
        _filledAt = now;
        _tokens -= 1;
        return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(-_tokens / rate, LongestWait));
    }

    /// <summary>Undoes a take whose wait was given up.</summary>
    public void Return() => _tokens = Math.Min(burst, _tokens + 1);
}
