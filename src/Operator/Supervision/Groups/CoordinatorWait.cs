namespace GpuStack.Operator.Supervision.Groups;

/// <summary>A follower's wait for an engine of the coordinator that it has not served yet. Pure; one a wait.</summary>
/// <param name="Coordinator">Whom it waits for.</param>
/// <param name="Served">The epoch of its own last engine; null before the first.</param>
/// <param name="Since">The first look.</param>
/// <param name="SilentSince">Since when the coordinator does not answer; null while it does.</param>
internal sealed record CoordinatorWait(PeerEndpoint Coordinator, DateTimeOffset? Served, DateTimeOffset? Since = null, DateTimeOffset? SilentSince = null)
{
    /// <summary>The epoch to start for; null while it waits.</summary>
    public DateTimeOffset? Epoch { get; private init; }

    public string Message { get; private init; } = "";

    /// <summary>The coordinator is Stalled, which is the group's state.</summary>
    public bool CoordinatorStalled { get; private init; }

    public CoordinatorWait Observe(DateTimeOffset now, PeerAnswer answer)
    {
        var since = Since ?? now;
        return this with
        {
            Since = since,
            SilentSince = answer.Failure is null ? null : SilentSince ?? now,
            // One that is being stopped ends its engine next.
            Epoch = answer is { Failure: null, Running: true, StartTime: { } started } && started != Served && !answer.Is(SupervisorState.Stopping) ? started : null,
            CoordinatorStalled = answer.Failure is null && !answer.Running && answer.Is(SupervisorState.Stalled),
            Message = $"waiting for coordinator {Coordinator} since {since:HH:mm:ss}Z ({Reason(answer)})",
        };
    }

    private string Reason(PeerAnswer answer) => answer switch
    {
        { Failure: { } failure } => failure,
        { Running: true, StartTime: { } started } when started == Served => $"its engine of {started:HH:mm:ss.fff}Z, for which one ran here already, is about to end",
        { Running: true } => "it is being stopped",
        { Message.Length: > 0 } => $"{answer.State}: {answer.Message}",
        _ => "its engine does not run",
    };
}
