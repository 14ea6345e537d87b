namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>What befalls a cluster and its deployments.</summary>
internal enum FaultKind
{
    /// <summary>An engine ends by itself.</summary>
    EngineCrash,

    /// <summary>An engine is killed.</summary>
    EngineKill,

    /// <summary>An engine answers and does nothing.</summary>
    EngineFreeze,

    /// <summary>All containers of a pod end.</summary>
    ContainerCrash,

    /// <summary>The kernel kills a pod's containers.</summary>
    OutOfMemory,

    /// <summary>A pod is deleted by somebody.</summary>
    PodDeleted,

    /// <summary>The kubelet evicts a pod, which fails for good.</summary>
    PressureEviction,

    /// <summary>A node is drained, and opened again.</summary>
    Drain,

    /// <summary>A node takes no new pods for a while.</summary>
    Cordon,

    /// <summary>A node has no power for a while.</summary>
    PowerLoss,

    /// <summary>A node's kubelet is silent for a while.</summary>
    SilentKubelet,

    /// <summary>A node object goes, and comes back.</summary>
    NodeRemoved,

    /// <summary>A pod of somebody else takes GPUs past the scheduler, and goes.</summary>
    ForeignPod,

    /// <summary>An image cannot be pulled for a while.</summary>
    ImageFails,

    /// <summary>NCCL fails while peer-to-peer is on.</summary>
    NcclFailure,

    /// <summary>NCCL fails whatever is turned off, for a while.</summary>
    NcclFailsAlways,

    /// <summary>NCCL hangs while peer-to-peer is on.</summary>
    NcclHang,

    /// <summary>The user wants another number of groups, and the old one again.</summary>
    Scale,

    /// <summary>The user suspends the deployment for a while.</summary>
    Suspend,

    /// <summary>The user changes what pods are made of.</summary>
    ChangePods,

    /// <summary>The user changes what no pod is made of.</summary>
    ChangeNoPod,

    /// <summary>The user deletes the deployment, and makes it anew.</summary>
    Recreate,

    /// <summary>Another operator takes over.</summary>
    OperatorRestart,
}
