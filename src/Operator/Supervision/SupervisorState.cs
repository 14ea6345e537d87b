namespace GpuStack.Operator.Supervision;

/// <summary>What the supervisor is at.</summary>
internal enum SupervisorState
{
    /// <summary>For workers that are missing or do not fit, for the followers of a group, or for its coordinator.</summary>
    Waiting,

    /// <summary>The engine runs and is not ready yet.</summary>
    Starting,

    /// <summary>The engine was ready.</summary>
    Running,

    /// <summary>The engine failed and is started again soon.</summary>
    BackingOff,

    /// <summary>The engine hangs and is being ended.</summary>
    Stuck,

    /// <summary>
    /// It failed too often, or those it waits for stay away beyond the deadline; tried again rarely, or when they come. A follower shows its
    /// coordinator's.
    /// </summary>
    Stalled,

    /// <summary>It was asked to stop.</summary>
    Stopping,
}
