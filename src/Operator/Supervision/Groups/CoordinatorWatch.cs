namespace GpuStack.Operator.Supervision.Groups;

/// <summary>Whether the coordinator's engine is still the one that a follower's was started for. Silence has a grace; all else is final. Pure.</summary>
internal sealed record CoordinatorWatch(PeerEndpoint Coordinator, DateTimeOffset Epoch, TimeSpan Grace, TimeSpan? SilentSince = null)
{
    /// <summary>The watch after a look, and why the engine must end; null when it need not.</summary>
    /// <param name="now">Time since the engine's start.</param>
    /// <param name="answer">What the coordinator answered.</param>
    public (CoordinatorWatch Next, string? Lost) Observe(TimeSpan now, PeerAnswer answer)
    {
        if (answer.Failure is { } failure)
        {
            var next = this with { SilentSince = SilentSince ?? now };
            return (next, now - next.SilentSince >= Grace ? $"coordinator {Coordinator} is away for {Grace.TotalSeconds:0.###} s: {failure}" : null);
        }
        var heard = this with { SilentSince = null };
        if (!answer.Running)
            return (heard, $"coordinator {Coordinator} lost its engine{(answer.LastEnd.Length > 0 ? $": {answer.LastEnd}" : "")}");
        return (heard, answer.StartTime == Epoch ? null : $"coordinator {Coordinator} restarted its engine at {answer.StartTime:HH:mm:ss.fff}Z");
    }
}
