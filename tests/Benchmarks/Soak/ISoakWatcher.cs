namespace GpuStack.Benchmarks.Soak;

/// <summary>One informer of a soak.</summary>
internal interface ISoakWatcher
{
    /// <summary>What it follows.</summary>
    string Name { get; }

    /// <summary>How many changes its handler was told.</summary>
    long Events { get; }

    /// <summary>What its handler was told out of order.</summary>
    IReadOnlyList<string> HistoryErrors { get; }

    Task InitialSync { get; }

    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>What differs between its cache, its handler's knowledge and the server; null when nothing does.</summary>
    Task<string?> DifferenceAsync(CancellationToken cancellationToken);
}
