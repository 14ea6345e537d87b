using GpuStack.Operator.Supervision.Status;

namespace GpuStack.RealEngines.Faults;

/// <summary>How a group came back from a fault; times are from the fault on.</summary>
internal sealed record GroupRecovery
{
    /// <summary>The supervisor of the engine that was hit says so.</summary>
    public required TimeSpan SeenByVictim { get; init; }

    /// <summary>The leader's supervisor says so.</summary>
    public required TimeSpan SeenByLeader { get; init; }

    /// <summary>The leader is no longer ready: a Service sends it nothing new.</summary>
    public required TimeSpan NotReady { get; init; }

    /// <summary>The leader's supervisor says that it runs again.</summary>
    public required TimeSpan Running { get; init; }

    /// <summary>A completion was answered.</summary>
    public required TimeSpan Serving { get; init; }

    /// <summary>The status of the engine that was hit, afterwards.</summary>
    public required StatusDocument Victim { get; init; }

    /// <summary>The leader's status, afterwards.</summary>
    public required StatusDocument Leader { get; init; }

    /// <summary>Why the leader's engine ended.</summary>
    public string LeaderReason => Leader.Engine.LastExit?.Reason ?? "";

    /// <summary>False when an answer that was under way was cut off; null when there was none.</summary>
    public bool? AnswerReachedItsEnd { get; init; }
}
