namespace GpuStack.Operator.Hosting;

/// <summary>
/// Gives memory back that bursts of work left behind: the first lists, or thousands of deployments at once. The runtime collects only when
/// something is allocated, and an operator at rest allocates next to nothing, so that it would keep what it once needed. While the work goes
/// on, the runtime lets the heap grow to a multiple of what is in use before it looks for old garbage; here that is bounded.
/// </summary>
internal sealed class MemoryTrim(TimeProvider time)
{
    private const long MiB = 1024 * 1024;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Looks without work after which the operator is at rest.</summary>
    private const int Rest = 10;

    /// <summary>The time between two collections while work goes on, in times of what the first one took: they cost less than a twentieth.</summary>
    private const int Spacing = 20;

    /// <summary>Less than this is not worth a collection, in bytes. A collection stops the program for some 100 ms per 100 MB in use.</summary>
    private const long Worthwhile = 32 * MiB;

    /// <summary>Looks now and then until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var (before, collected, left) = (0L, 0L, 0L);
        var quiet = 0;
        var next = time.GetUtcNow();
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var allocated = GC.GetTotalAllocatedBytes();
                quiet = allocated - before > Worthwhile / Rest ? 0 : quiet + 1;
                before = allocated;
                var isAtRest = quiet >= Rest && allocated - collected > Worthwhile;
                if (!isAtRest && (time.GetUtcNow() < next || GC.GetGCMemoryInfo().TotalCommittedBytes < Allowed(left)))
                    continue;
                var started = time.GetTimestamp();
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                next = time.GetUtcNow() + (Spacing * time.GetElapsedTime(started));
                // Not what is in use: pinned buffers keep whole regions, and a collection that cannot free them must not be tried again and again.
                left = GC.GetGCMemoryInfo().TotalCommittedBytes;
                collected = GC.GetTotalAllocatedBytes();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    /// <summary>What the heap may take, in bytes, of which the last collection left some, before it is collected although work goes on.</summary>
    private static long Allowed(long left) => (left * 9 / 8) + (16 * MiB);
}
