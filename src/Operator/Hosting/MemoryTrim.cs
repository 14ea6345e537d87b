namespace GpuStack.Operator.Hosting;

/// <summary>
/// Gives memory back that bursts of work left behind: the first lists, or thousands of deployments at once. The runtime collects only when
/// something is allocated, and an operator at rest allocates next to nothing, so that it would keep what it once needed.
/// </summary>
internal sealed class MemoryTrim(TimeProvider time)
{
    /// <summary>A collection stops the program for some 100 ms per 100 MB in use.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    /// <summary>Less than this is not worth a collection, in bytes.</summary>
    private const long Worthwhile = 32L * 1024 * 1024;

    /// <summary>Looks now and then until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var collected = 0L;
        var before = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var allocated = GC.GetTotalAllocatedBytes();
                var isBusy = allocated - before > Worthwhile;
                before = allocated;
                // While the work goes on, the runtime's own judgement is better.
                if (isBusy || allocated - collected < Worthwhile)
                    continue;
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                collected = GC.GetTotalAllocatedBytes();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
