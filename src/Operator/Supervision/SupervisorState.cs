namespace GpuStack.Operator.Supervision;

/// <summary>What the supervisor is at.</summary>
internal enum SupervisorState
{
    /// <summary>For workers that are missing or do not fit.</summary>
    Waiting,

    /// <summary>The engine runs and is not ready yet.</summary>
    Starting,

    /// <summary>The engine was ready.</summary>
    Running,

    /// <summary>The engine failed and is started again soon.</summary>
    BackingOff,

    /// <summary>The engine hangs and is being ended.</summary>
    Stuck,

    /// <summary>It failed too often, or its workers stay away beyond the deadline; tried again rarely, or when they come.</summary>
    Stalled,

    /// <summary>It was asked to stop.</summary>
    Stopping,
}
