namespace GpuStack.Kubernetes.Queues;

/// <summary>How fast failures come back.</summary>
public sealed record RateLimitedQueueOptions
{
    /// <summary>The delay after an item's first failure; it doubles with each further one. 5 ms.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest delay of an item; 1000 s.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(1000);

    /// <summary>Retries of all items together, a second, in the long run; 10.</summary>
    public double Rate { get; init; } = 10;

    /// <summary>Retries of all items together that may come at once; 100.</summary>
    public int Burst { get; init; } = 100;

    /// <exception cref="ArgumentException">A value makes no sense; the message names it.</exception>
    internal void Validate()
    {
        if (BaseDelay <= TimeSpan.Zero) throw Wrong($"{nameof(BaseDelay)} is {BaseDelay}; it must be longer than zero.");
        if (MaxDelay < BaseDelay) throw Wrong($"{nameof(MaxDelay)} is {MaxDelay}; it must not be shorter than {nameof(BaseDelay)}, {BaseDelay}.");
        if (!(Rate > 0 && double.IsFinite(Rate))) throw Wrong($"{nameof(Rate)} is {Rate}; it must be a number greater than zero.");
        if (Burst < 1) throw Wrong($"{nameof(Burst)} is {Burst}; it must be at least 1.");
    }

    private static ArgumentException Wrong(string message) => new(message);
}
