namespace GpuStack.Kubernetes.Queues;

/// <summary>How fast failures come back.</summary>
public sealed record RateLimitedQueueOptions
{
    /// <summary>The delay after an item's first failure; it doubles with each further one.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest delay of an item.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(1000);

    /// <summary>Retries of all items together, a second, in the long run.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>Retries of all items together that may come at once.</summary>
    public int Burst { get; init; } = 100;
}
