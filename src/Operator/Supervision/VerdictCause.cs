namespace GpuStack.Operator.Supervision;

internal enum VerdictCause
{
    /// <summary>A worker is lost: the engine starts anew without back-off, and it does not count as a failure of its own.</summary>
    Workers,

    /// <summary>It hangs.</summary>
    Stuck,

    /// <summary>It did not become ready in time.</summary>
    Startup,
}
