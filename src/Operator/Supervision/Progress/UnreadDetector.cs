namespace GpuStack.Operator.Supervision.Progress;

/// <summary>
/// Finds a worker that hangs: somebody sent bytes to its RPC port that it does not read, and it does nothing else either. That is a frozen
/// process, or one that waits for a client that is gone (the protocol has no keep-alive) while the next one waits behind it.
/// A worker that computes or takes in weights uses processor time. Pure: each look gives the next detector.
/// </summary>
/// <param name="After">How long is too long.</param>
/// <param name="LastProgress">When nothing was unread, or something was read or done; time since the watch's start.</param>
/// <param name="Unread">Bytes that waited at the last look.</param>
/// <param name="CpuTicks">The processor time it had used then.</param>
internal sealed record UnreadDetector(TimeSpan After, TimeSpan LastProgress, long Unread, long CpuTicks)
{
    public static UnreadDetector Starting(TimeSpan after) => new(after, TimeSpan.Zero, 0, 0);

    /// <summary>The detector after a look, and why the engine is stuck, without a full stop; null when it is not.</summary>
    public (UnreadDetector Next, string? Reason) Observe(TimeSpan now, long unread, long cpuTicks)
    {
        var progress = unread == 0 || unread < Unread || cpuTicks != CpuTicks;
        var next = new UnreadDetector(After, progress ? now : LastProgress, unread, cpuTicks);
        var silence = now - next.LastProgress;
        return (next, silence >= After ? $"{unread} bytes wait on its port and it does nothing for {silence.TotalSeconds:0.#} s" : null);
    }
}
