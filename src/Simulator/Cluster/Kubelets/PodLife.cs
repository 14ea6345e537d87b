using GpuStack.Simulator.Cluster.Engines;
using GpuStack.Simulator.Cluster.Kubelets.Containers;

namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>
/// Takes a pod as far as it can be at a time: init containers one after the other, then the containers together, and the engine in the one
/// that runs <c>supervise</c>. What the kubelet would report as events comes out beside.
/// </summary>
internal sealed class PodLife(KubeletBehaviour behaviour, ImageStore images)
{
    /// <param name="run">The pod.</param>
    /// <param name="peer">What other pods' supervisors answer.</param>
    /// <param name="fault">What befalls the engine.</param>
    /// <param name="now">The time.</param>
    /// <param name="events">Takes the events; null for none.</param>
    public void Advance(PodRun run, Func<string, PeerView?> peer, EngineFault? fault, DateTimeOffset now, List<PodEvent>? events)
    {
        if (run.Failure is not null)
            return;
        bool changed;
        do
        {
            changed = false;
            var isTurn = true;
            for (var i = 0; i < run.Specs.Length && isTurn; i++)
            {
                changed |= AdvanceContainer(run, i, now, events);
                if (!run.Specs[i].IsMain)
                    isTurn = run.Specs[i].Kind == ContainerKind.Sidecar ? run.Containers[i].HasRun : run.Containers[i].IsOver && run.Containers[i].Last!.ExitCode == 0;
            }
            changed |= AdvanceEngine(run, peer, fault, now);
            run.IsDirty |= changed;
        }
        while (changed);
    }

    /// <summary>When something happens by itself next; null for never.</summary>
    public static DateTimeOffset? Due(PodRun run, DateTimeOffset now)
    {
        DateTimeOffset? due = null;
        void Take(DateTimeOffset? time)
        {
            if (time > now && (due is null || time < due))
                due = time;
        }
        if (run.Failure is not null)
            return null;
        for (var i = 0; i < run.Containers.Length; i++)
        {
            Take(run.Containers[i].Until);
            if (run.Containers[i].IsRunning && i != run.Supervised)
                Take(run.Containers[i].ReadyAt);
        }
        if (run is { EngineSpec: { } spec, Engine: { } engine })
            Take(EngineLife.Due(spec, engine));
        return due;
    }

    /// <summary>A container's process ends; whether it is started again is the pod's restart policy.</summary>
    public void End(PodRun run, int container, Termination how, DateTimeOffset now)
    {
        if (run.Failure is not null || !run.Containers[container].IsRunning)
            return;
        var again = run.RestartPolicy switch
        {
            "Never" => false,
            "OnFailure" => how.ExitCode != 0,
            _ => run.Specs[container].Kind != ContainerKind.Init || how.ExitCode != 0,
        };
        run.Containers[container] = ContainerLife.End(run.Containers[container], how, again, behaviour, now);
        if (container == run.Supervised)
            run.Engine = null;
        run.IsDirty = true;
    }

    /// <summary>The node has started anew: everything begins again, without a back-off.</summary>
    public void Reboot(PodRun run, DateTimeOffset now)
    {
        // A pod that has failed stays so.
        if (run.Failure is not null)
            return;
        for (var i = 0; i < run.Containers.Length; i++)
        {
            if (run.Containers[i].IsRunning)
            {
                End(run, i, Termination.Rebooted, now);
                if (!run.Containers[i].IsOver)
                    run.Containers[i] = run.Containers[i] with { Phase = ContainerPhase.Ended, Until = now };
            }
            else if (run.Specs[i].Kind == ContainerKind.Init)
                run.Containers[i] = run.Containers[i] with { Phase = ContainerPhase.Waiting, Until = null };
        }
    }

    private bool AdvanceContainer(PodRun run, int i, DateTimeOffset now, List<PodEvent>? events)
    {
        var spec = run.Specs[i];
        var before = run.Containers[i];
        var after = before.Phase == ContainerPhase.Waiting
            ? ContainerLife.Begin(before, spec, images.IsPresent(run.Node, spec.Image), behaviour, now)
            : before.Until <= now ? ContainerLife.Due(before, spec, images.ErrorOf(spec.Image), behaviour, now) : before;
        if (ReferenceEquals(before, after))
            return false;
        run.Containers[i] = after;
        if (before.Phase == ContainerPhase.Pulling && after.IsRunning)
            images.Pulled(run.Node, spec.Image);
        if (i == run.Supervised && after.IsRunning)
            run.Engine = new EngineState();
        if (events is not null)
            Tell(spec, before, after, now, events);
        return true;
    }

    private bool AdvanceEngine(PodRun run, Func<string, PeerView?> peer, EngineFault? fault, DateTimeOffset now)
    {
        if (run is not { EngineSpec: { } spec, Engine: { } before })
            return false;
        run.Engine = EngineLife.Step(spec, before, peer, fault, behaviour.StartTime, now);
        return !ReferenceEquals(before, run.Engine);
    }

    private static void Tell(ContainerSpec spec, ContainerState before, ContainerState after, DateTimeOffset now, List<PodEvent> events)
    {
        switch (after.Phase)
        {
            case ContainerPhase.Pulling:
                events.Add(new PodEvent(false, "Pulling", $"Pulling image \"{spec.Image}\""));
                break;
            case ContainerPhase.PullFailed:
                events.Add(new PodEvent(true, "Failed", $"Failed to pull image \"{spec.Image}\": {after.PullError}"));
                events.Add(new PodEvent(true, "Failed", "Error: ErrImagePull"));
                break;
            case ContainerPhase.PullBackOff:
                events.Add(new PodEvent(false, "BackOff", $"Back-off pulling image \"{spec.Image}\""));
                events.Add(new PodEvent(true, "Failed", "Error: ImagePullBackOff"));
                break;
            // An init container that takes no time leaves no trace: thousands of such pods cost enough.
            case ContainerPhase.Running when spec.Kind != ContainerKind.Init || after.Until > now:
                if (!before.HasRun)
                {
                    events.Add(new PodEvent(false, "Pulled", before.Phase == ContainerPhase.Pulling
                        ? $"Successfully pulled image \"{spec.Image}\" in {(now - before.Since).TotalSeconds:0.###}s ({(now - before.Since).TotalSeconds:0.###}s including waiting)"
                        : $"Container image \"{spec.Image}\" already present on machine"));
                }
                events.Add(new PodEvent(false, "Created", $"Created container: {spec.Name}"));
                events.Add(new PodEvent(false, "Started", $"Started container {spec.Name}"));
                break;
        }
    }
}
