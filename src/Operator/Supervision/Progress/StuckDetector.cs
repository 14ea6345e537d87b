namespace GpuStack.Operator.Supervision.Progress;

/// <summary>
/// Finds an engine that hangs although <c>/health</c> answers: it processes requests and decodes nothing, or its metrics stay away.
/// A frozen RPC worker looks like that. Pure: each sample gives the next detector.
/// </summary>
/// <param name="After">How long without progress is too long.</param>
/// <param name="LastProgress">When the engine last was idle or decoded; time since the supervisor's start.</param>
/// <param name="Last">The last sample with figures; null before the first.</param>
internal sealed record StuckDetector(TimeSpan After, TimeSpan LastProgress, EngineSample? Last)
{
    public static StuckDetector Starting(TimeSpan after, TimeSpan now) => new(after, now, null);

    /// <summary>The detector after a sample, and why the engine is stuck, without a full stop; null when it is not.</summary>
    public (StuckDetector Next, string? Reason) Observe(TimeSpan now, EngineSample sample)
    {
        var next = sample.Kind switch
        {
            EngineSampleKind.Unanswered => this,
            EngineSampleKind.Unreadable => this with { LastProgress = now, Last = null },
            // Idle, never seen before, or decoded since.
            _ when !(sample.Processing > 0) || Last is not { } last || last.Progress != sample.Progress || !(last.Processing > 0) =>
                this with { LastProgress = now, Last = sample },
            _ => this with { Last = sample },
        };
        var silence = now - next.LastProgress;
        if (silence < After)
            return (next, null);
        return (next, sample.Kind == EngineSampleKind.Unanswered
            ? $"its metrics are not answered for {silence.TotalSeconds:0.#} s"
            : $"it processes {sample.Processing:0} requests and decodes nothing for {silence.TotalSeconds:0.#} s");
    }
}
