namespace GpuStack.Operator.Supervision;

internal enum SupervisorRole
{
    /// <summary>Ready when the engine's port is in LISTEN.</summary>
    Worker,

    /// <summary>Ready when the engine's <c>/health</c> answers 200.</summary>
    Leader,
}
