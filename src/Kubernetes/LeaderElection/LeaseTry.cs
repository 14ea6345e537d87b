namespace GpuStack.Kubernetes.LeaderElection;

/// <summary>How a try to take or renew the lease ended.</summary>
internal enum LeaseTry
{
    /// <summary>It is ours.</summary>
    Held,

    /// <summary>Somebody else holds it.</summary>
    HeldByOther,

    /// <summary>Nothing is known: the server could not be reached, or somebody wrote meanwhile.</summary>
    Failed,
}
