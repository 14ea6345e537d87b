using GpuStack.Operator.Supervision.Status;

namespace GpuStack.Operator.Supervision.Groups;

/// <summary>
/// What one look at a peer's <c>/status</c> brought. Only facts are relied on (an engine runs, since when, for which epoch), so that words of
/// an older or newer supervisor change nothing.
/// </summary>
internal sealed record PeerAnswer
{
    /// <summary>Why there was no answer, without a full stop; null when there was one.</summary>
    public string? Failure { get; init; }

    public bool Running { get; init; }

    /// <summary>When its engine started, on its own clock; null when none runs.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>Whose engine, running or last, its own was started for.</summary>
    public DateTimeOffset? Epoch { get; init; }

    /// <summary>When its supervisor started; null when it does not say.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>As it says; may be a word of a later version.</summary>
    public string State { get; init; } = "";

    public string Role { get; init; } = "";

    /// <summary>Bounded; empty when it says nothing.</summary>
    public string Message { get; init; } = "";

    /// <summary>How its last engine ended; empty when none did.</summary>
    public string LastEnd { get; init; } = "";

    public bool Is(SupervisorState state) => State == state.ToString();

    /// <summary>Its engine does not run, and nothing it does now would start one without the coordinator's.</summary>
    public bool Idle => Failure is null && !Running
        && !Is(SupervisorState.Starting) && !Is(SupervisorState.Running) && !Is(SupervisorState.BackingOff) && !Is(SupervisorState.Stuck) && !Is(SupervisorState.Stopping);

    public static PeerAnswer None(string failure) => new() { Failure = failure };

    public static PeerAnswer Of(StatusAnswer answer)
    {
        if (answer.Document is not { } status)
            return None(answer.Failure ?? "its supervisor answers nothing");
        // JSON may say null where the type does not.
        var engine = status.Engine ?? new EngineDocument();
        return new PeerAnswer
        {
            Running = engine.Running,
            StartTime = engine.Running ? StatusDocument.ParseTime(engine.StartTime) : null,
            Epoch = StatusDocument.ParseTime(status.Epoch),
            Started = StatusDocument.ParseTime(status.Started),
            State = StatusAnswer.Plain(status.State),
            Role = StatusAnswer.Plain(status.Role),
            Message = StatusAnswer.Plain(status.Message),
            LastEnd = StatusAnswer.Plain(engine.LastExit?.Reason),
        };
    }
}
