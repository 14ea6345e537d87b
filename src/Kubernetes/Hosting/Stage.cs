namespace GpuStack.Kubernetes.Hosting;

/// <summary>Something that was started and has to be stopped.</summary>
/// <param name="Name">For the log.</param>
/// <param name="StopAsync">Stops it, gracefully until the token is cancelled, and returns when it has ended.</param>
/// <param name="Share">The part of the whole stop's time by whose end this stage is given up.</param>
internal sealed record Stage(string Name, Func<CancellationToken, Task> StopAsync, double Share = 1)
{
    /// <summary>What of it still runs; null: itself.</summary>
    public Func<IReadOnlyList<string>>? Running { get; init; }
}
