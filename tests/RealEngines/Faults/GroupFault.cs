namespace GpuStack.RealEngines.Faults;

/// <summary>What befalls a group.</summary>
internal enum GroupFault
{
    /// <summary>A worker is killed while nobody asks anything.</summary>
    WorkerKilledIdle,

    /// <summary>A worker is killed while an answer is being made.</summary>
    WorkerKilledGenerating,

    /// <summary>A worker stops doing anything (SIGSTOP) while an answer is being made.</summary>
    WorkerFrozen,

    /// <summary>The leader's server is killed.</summary>
    LeaderKilled,

    /// <summary>The leader's server stops doing anything.</summary>
    LeaderFrozen,
}
