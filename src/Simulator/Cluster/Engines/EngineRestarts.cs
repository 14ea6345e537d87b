namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>
/// How long <c>supervise</c> waits after a failure: 1 s, doubling up to 60 s; from the sixth failure within an hour on ten minutes, until an
/// engine was ready for ten minutes.
/// </summary>
internal static class EngineRestarts
{
    private const int FailuresPerHour = 5;
    private static readonly TimeSpan StalledWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Recovered = TimeSpan.FromMinutes(10);

    public static EngineState Failed(EngineState state, EngineExit exit, DateTimeOffset now)
    {
        var recovered = state.ReadySince is { } since && now - since >= Recovered;
        var failures = state.Failures.RemoveAll(then => now - then >= TimeSpan.FromHours(1)).Add(now);
        if (failures.Length > FailuresPerHour + 1)
            failures = failures.RemoveAt(0);
        var inARow = recovered ? 1 : Math.Min(state.FailuresInARow + 1, 30);
        var stalled = failures.Length > FailuresPerHour || (state.IsStalled && !recovered);
        var wait = stalled ? StalledWait : TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, inARow - 1)));
        return EngineLife.Ended(state, exit, now) with
        {
            Phase = stalled ? EnginePhase.Stalled : EnginePhase.BackingOff,
            Until = now + wait,
            Failures = failures,
            FailuresInARow = inARow,
            IsStalled = stalled,
            Message = $"{exit.Reason}; the next start is in {wait.TotalSeconds:0} s",
        };
    }
}
