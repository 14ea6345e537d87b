namespace GpuStack.Operator.Supervision.Restarts;

/// <summary>
/// How long to wait before an engine that failed is started anew. Pure.
/// The wait is 1 s and doubles up to 60 s. After more than five failures within an hour the engine is Stalled: one try every ten minutes. An
/// engine that was healthy for ten minutes begins again at 1 s and leaves Stalled; its failures of the last hour still count.
/// </summary>
internal static class RestartPolicy
{
    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan StalledDelay = TimeSpan.FromMinutes(10);

    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    public static readonly TimeSpan HealthyAgain = TimeSpan.FromMinutes(10);

    /// <summary>More than these within <see cref="Window"/> stall.</summary>
    public const int FailuresPerWindow = 5;

    /// <param name="state">Before the failure.</param>
    /// <param name="now">When it failed, since the supervisor's start.</param>
    /// <param name="healthyFor">How long the engine was ready in the run that ended.</param>
    public static (RestartState Next, TimeSpan Delay) Failed(RestartState state, TimeSpan now, TimeSpan healthyFor)
    {
        var recovered = healthyFor >= HealthyAgain;
        var failures = state.Failures.RemoveAll(then => now - then >= Window).Add(now);
        var stalled = failures.Length > FailuresPerWindow || (state.Stalled && !recovered);
        var inARow = recovered ? 1 : Math.Min(state.InARow + 1, 30);
        if (failures.Length > FailuresPerWindow + 1)
            failures = failures.RemoveAt(0);
        return (new RestartState(failures, inARow, stalled), stalled ? StalledDelay : Delay(inARow));
    }

    private static TimeSpan Delay(int inARow)
    {
        var seconds = FirstDelay.TotalSeconds * Math.Pow(2, inARow - 1);
        return seconds < LongestDelay.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestDelay;
    }
}
