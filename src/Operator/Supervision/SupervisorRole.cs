namespace GpuStack.Operator.Supervision;

internal enum SupervisorRole
{
    /// <summary>A llama.cpp worker: ready when the engine's port is in LISTEN.</summary>
    Worker,

    /// <summary>Ready when the engine's <c>/health</c> answers 200.</summary>
    Leader,

    /// <summary>A rank without an API: ready when its engine runs, and the coordinator's that it was started for.</summary>
    Member,

    /// <summary>A Ray head without GPUs: ready when the engine's port is in LISTEN.</summary>
    Head,
}
