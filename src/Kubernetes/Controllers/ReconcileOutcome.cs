namespace GpuStack.Kubernetes.Controllers;

/// <summary>How a reconciliation is counted.</summary>
internal enum ReconcileOutcome
{
    /// <summary>Done.</summary>
    Success,

    /// <summary>Failed, or threw.</summary>
    Error,

    /// <summary>Met a newer version; comes back after the back-off.</summary>
    Requeue,

    /// <summary>Done, and asked to come back.</summary>
    RequeueAfter,
}
