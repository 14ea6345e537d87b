namespace GpuStack.Simulator.Cluster.Kubelets.Containers;

/// <summary>Where a container is in its life.</summary>
internal enum ContainerPhase
{
    /// <summary>Others come first.</summary>
    Waiting,

    /// <summary>Its image is on its way.</summary>
    Pulling,

    /// <summary>The pull has just failed (ErrImagePull).</summary>
    PullFailed,

    /// <summary>The next pull waits (ImagePullBackOff).</summary>
    PullBackOff,

    Running,

    /// <summary>It has ended, and is started again soon, or never.</summary>
    Ended,

    /// <summary>It has crashed again and waits (CrashLoopBackOff).</summary>
    CrashBackOff,
}
