namespace GpuStack.Simulator.Cluster.Kubelets.Containers;

/// <summary>
/// A container's steps from phase to phase. Pure: each takes a state and the time and gives the next state.
/// Waiting → (Pulling → (PullFailed → PullBackOff → Pulling)…) → Running → Ended → Running, or CrashBackOff → Running.
/// </summary>
internal static class ContainerLife
{
    /// <summary>A kubelet looks at the pod again after about so long, and then says ImagePullBackOff.</summary>
    private static readonly TimeSpan PullErrorShown = TimeSpan.FromSeconds(5);

    /// <summary>Starts what waits: with the pull of its image, if that is missing.</summary>
    public static ContainerState Begin(ContainerState state, ContainerSpec spec, bool isImagePresent, KubeletBehaviour behaviour, DateTimeOffset now) => isImagePresent
        ? Start(state, spec, behaviour, now)
        : state with { Phase = ContainerPhase.Pulling, Since = now, Until = now + behaviour.PullTimeOf(spec.Image) };

    /// <summary>What follows when <see cref="ContainerState.Until"/> is over.</summary>
    /// <param name="state">The state.</param>
    /// <param name="spec">The container.</param>
    /// <param name="pullError">Why its image cannot be pulled now; null when it can.</param>
    /// <param name="behaviour">How long things take.</param>
    /// <param name="now">The time.</param>
    public static ContainerState Due(ContainerState state, ContainerSpec spec, string? pullError, KubeletBehaviour behaviour, DateTimeOffset now) => state.Phase switch
    {
        ContainerPhase.Pulling when pullError is not null => PullFailed(state, pullError, now),
        ContainerPhase.Pulling => Start(state with { PullError = null, Pulls = default }, spec, behaviour, now),
        ContainerPhase.PullFailed => state with { Phase = ContainerPhase.PullBackOff, Since = now, Until = state.Since + state.Pulls.Wait },
        ContainerPhase.PullBackOff => state with { Phase = ContainerPhase.Pulling, Since = now, Until = now + behaviour.PullTimeOf(spec.Image) },
        ContainerPhase.Running => End(state, Termination.Completed, isStartedAgain: false, behaviour, now),
        ContainerPhase.Ended or ContainerPhase.CrashBackOff => Start(state, spec, behaviour, now),
        _ => state,
    };

    /// <summary>The container's process ends.</summary>
    public static ContainerState End(ContainerState state, Termination how, bool isStartedAgain, KubeletBehaviour behaviour, DateTimeOffset now)
    {
        var ended = state with
        {
            Phase = ContainerPhase.Ended,
            Since = now,
            Until = null,
            Last = how with { Started = state.Since, Finished = now, Run = state.Restarts },
        };
        if (!isStartedAgain)
            return ended;
        var (wait, next) = state.Crashes.Failed(now);
        return wait == TimeSpan.Zero
            ? ended with { Crashes = next, Until = now + behaviour.RestartTime }
            : ended with { Crashes = next, Until = now + wait, Phase = ContainerPhase.CrashBackOff };
    }

    private static ContainerState Start(ContainerState state, ContainerSpec spec, KubeletBehaviour behaviour, DateTimeOffset now) => state with
    {
        Phase = ContainerPhase.Running,
        Since = now,
        Until = spec.Kind == ContainerKind.Init ? now + behaviour.InitTimeOf(spec.Name) : spec.Works ? now + behaviour.WorkTime : null,
        ReadyAt = spec.IsMain ? now + behaviour.StartTime : now,
        Restarts = state.HasRun ? state.Restarts + 1 : 0,
        HasRun = true,
    };

    private static ContainerState PullFailed(ContainerState state, string error, DateTimeOffset now)
    {
        // Unlike with crashes the first failure waits already.
        var (wait, next) = state.Pulls.Failed(now);
        if (wait == TimeSpan.Zero)
            next = new Backoff(Backoff.First, now);
        return state with { Phase = ContainerPhase.PullFailed, Since = now, Until = now + PullErrorShown, PullError = error, Pulls = next };
    }
}
