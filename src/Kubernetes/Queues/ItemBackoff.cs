namespace GpuStack.Kubernetes.Queues;

/// <summary>Failures by key, and the delay that follows from them: doubled each time, up to a limit. Not thread-safe.</summary>
internal sealed class ItemBackoff<TKey>(TimeSpan baseDelay, TimeSpan maxDelay)
    where TKey : notnull
{
    /// <summary>2 to this power is beyond every limit, and still a finite number of seconds.</summary>
    private const int LargestPower = 60;

    private readonly Dictionary<TKey, int> _failures = [];

    /// <summary>Keys that failed and were not forgotten.</summary>
    public int Count => _failures.Count;

    /// <summary>Notes a failure and says how long to wait.</summary>
    public TimeSpan Next(TKey key)
    {
        var failures = _failures.GetValueOrDefault(key);
        if (failures < int.MaxValue) _failures[key] = failures + 1;
        var seconds = baseDelay.TotalSeconds * Math.Pow(2, Math.Min(failures, LargestPower));
        return seconds < maxDelay.TotalSeconds ? TimeSpan.FromSeconds(seconds) : maxDelay;
    }

    public int Failures(TKey key) => _failures.GetValueOrDefault(key);

    public void Forget(TKey key) => _failures.Remove(key);
}
