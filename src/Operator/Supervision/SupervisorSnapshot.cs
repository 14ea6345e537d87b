namespace GpuStack.Operator.Supervision;

/// <summary>What the supervisor knows at one moment. Immutable.</summary>
internal sealed record SupervisorSnapshot
{
    public SupervisorState State { get; init; } = SupervisorState.Waiting;

    /// <summary>One sentence; empty while all is well.</summary>
    public string Message { get; init; } = "";

    /// <summary>What the supervisor does without although all may be well; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Null while none runs.</summary>
    public RunningEngine? Engine { get; init; }

    /// <summary>The engine answered as a ready one at the last look.</summary>
    public bool Healthy { get; init; }

    /// <summary>Starts after the first.</summary>
    public int Restarts { get; init; }

    /// <summary>The start time of the coordinator's engine that the engine, running or last, was started for; null without a group.</summary>
    public DateTimeOffset? Epoch { get; init; }

    /// <summary>When the supervisor itself started, in whole microseconds: another time is another supervisor. Null until it runs.</summary>
    public DateTimeOffset? Started { get; init; }

    public LastExit? LastExit { get; init; }

    /// <summary>Requests may be sent.</summary>
    public bool Ready => State == SupervisorState.Running && Healthy && Engine is not null;
}
