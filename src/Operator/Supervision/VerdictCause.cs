namespace GpuStack.Operator.Supervision;

internal enum VerdictCause
{
    /// <summary>A worker is lost: the engine starts anew without back-off, and it does not count as a failure of its own.</summary>
    Workers,

    /// <summary>The group lost somebody: all its engines start anew together. A failure of the group, which its coordinator counts.</summary>
    Group,

    /// <summary>It hangs.</summary>
    Stuck,

    /// <summary>It did not become ready in time.</summary>
    Startup,
}
