namespace GpuStack.Faults.Plans;

/// <summary>How much goes wrong.</summary>
public sealed record RandomFaultOptions
{
    /// <summary>Of the dice.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The share of watches that are answered with a failure.</summary>
    public double RefusedWatches { get; init; } = 0.15;

    /// <summary>The share of the other watches that fail while they are open.</summary>
    public double BrokenWatches { get; init; } = 0.95;

    /// <summary>How many events such a watch sends before, on average.</summary>
    public double MeanEventsBefore { get; init; } = 100;

    /// <summary>The share of lists that fail.</summary>
    public double FailedLists { get; init; } = 0.3;
}
