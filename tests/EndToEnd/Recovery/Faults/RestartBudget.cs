namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>
/// How many restarts faults explain, with room for what one fault does to what another one has just begun, but without room for a loop. Pure.
/// </summary>
internal static class RestartBudget
{
    /// <summary>What a deployment that waits for GPUs may do in a round without any fault of its own: get a place that another one has left, once.</summary>
    public static Restarts Waiting(FaultDeployment deployment) => new Restarts(1, 2) * Pods(deployment);

    /// <summary>What a fault explains for a deployment that it befalls, or that has a group on the node that it befalls.</summary>
    public static Restarts Of(FaultKind kind, FaultDeployment deployment)
    {
        var group = deployment.PodsOfAGroup;
        return kind switch
        {
            FaultKind.EngineCrash or FaultKind.EngineKill or FaultKind.EngineFreeze or FaultKind.ContainerCrash or FaultKind.OutOfMemory => new(0, 2 * group),
            FaultKind.PodDeleted or FaultKind.PressureEviction => new(1, 2 * group),
            // A step of the ladder makes other pods; before it, and between its steps, the engines are tried a few times.
            FaultKind.NcclFailure or FaultKind.NcclHang => new Restarts(1, 4) * group,
            // Twice before each of two steps, for the operator asks every half a minute; six times at the end, and every ten minutes from then on.
            FaultKind.NcclFailsAlways => new Restarts(2, 12) * group,
            _ when IsOfNode(kind) => new Restarts(2, 3) * Pods(deployment),
            FaultKind.Scale => new Restarts(5, 8) * group,
            FaultKind.Suspend or FaultKind.Recreate or FaultKind.ChangePods or FaultKind.ImageFails => new Restarts(2, 3) * Pods(deployment),
            _ => default,
        };
    }

    /// <summary>What any fault explains besides where NCCL fails all the time: a new supervisor, which knows of no failure, tries the group's engines as often as the one before.</summary>
    public static Restarts OfAnotherSupervisor(FaultDeployment deployment) => new Restarts(0, 6) * deployment.PodsOfAGroup;

    /// <summary>Whether it befalls a node, and the groups there.</summary>
    public static bool IsOfNode(FaultKind kind) => kind is FaultKind.Drain or FaultKind.Cordon or FaultKind.PowerLoss or FaultKind.SilentKubelet
        or FaultKind.NodeRemoved or FaultKind.ForeignPod;

    /// <summary>With a further group for the time of an update.</summary>
    private static int Pods(FaultDeployment deployment) => (deployment.Replicas + 1) * deployment.PodsOfAGroup;
}
