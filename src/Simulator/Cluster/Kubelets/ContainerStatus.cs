using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Kubelets.Containers;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>A container's part of a pod's status, in the kubelet's words.</summary>
internal static class ContainerStatus
{
    public static JsonObject Of(PodRun run, int index, DateTimeOffset now)
    {
        var spec = run.Specs[index];
        var container = run.Containers[index];
        var isFailed = run.Failure is not null;
        var ready = spec.Kind == ContainerKind.Init ? container is { IsOver: true, Last.ExitCode: 0 } : run.IsReady(index, now);
        var status = new JsonObject
        {
            ["name"] = spec.Name,
            ["state"] = isFailed && container.IsRunning ? Terminated(run, spec, Failed(container, now)) : State(run, spec, container),
            ["lastState"] = container is { Last: { } last, Phase: not ContainerPhase.Ended } && !isFailed ? Terminated(run, spec, last) : new JsonObject(),
            ["ready"] = ready,
            ["restartCount"] = container.Restarts,
            ["image"] = spec.Image,
            ["imageID"] = container.HasRun ? $"sim://{spec.Image}" : "",
            ["started"] = container.IsRunning && !isFailed,
        };
        if (container.HasRun)
            status["containerID"] = Id(run, spec, container.Restarts);
        return status;
    }

    private static JsonObject State(PodRun run, ContainerSpec spec, ContainerState container) => container.Phase switch
    {
        ContainerPhase.Running => new() { ["running"] = new JsonObject { ["startedAt"] = ObjectRules.Timestamp(container.Since) } },
        ContainerPhase.Ended => Terminated(run, spec, container.Last!),
        ContainerPhase.CrashBackOff => Waiting(
            "CrashLoopBackOff",
            $"back-off {Backoff.Text(container.Until!.Value - container.Since)} restarting failed container={spec.Name} pod={run.Key.Name}_{run.Key.Namespace}({run.Uid})"),
        ContainerPhase.PullFailed => Waiting("ErrImagePull", container.PullError),
        // Until a container starts, a kubelet shows why it last did not, during the next pull as well.
        ContainerPhase.PullBackOff or ContainerPhase.Pulling when container.PullError is not null => Waiting("ImagePullBackOff", $"Back-off pulling image \"{spec.Image}\": ErrImagePull: {container.PullError}"),
        _ => Waiting(!run.IsInitialized && (spec.IsMain || container.Phase == ContainerPhase.Waiting) ? "PodInitializing" : "ContainerCreating", null),
    };

    private static Termination Failed(ContainerState container, DateTimeOffset now) =>
        Termination.Crash(1, null) with { Started = container.Since, Finished = now, Run = container.Restarts };

    private static JsonObject Terminated(PodRun run, ContainerSpec spec, Termination how)
    {
        var terminated = new JsonObject
        {
            ["exitCode"] = how.ExitCode,
            ["reason"] = how.Reason,
            ["startedAt"] = ObjectRules.Timestamp(how.Started),
            ["finishedAt"] = ObjectRules.Timestamp(how.Finished),
            ["containerID"] = Id(run, spec, how.Run),
        };
        if (how.Message is not null)
            terminated["message"] = how.Message;
        return new JsonObject { ["terminated"] = terminated };
    }

    private static JsonObject Waiting(string reason, string? message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null)
            waiting["message"] = message;
        return new JsonObject { ["waiting"] = waiting };
    }

    private static string Id(PodRun run, ContainerSpec spec, int number) => $"sim://{run.Uid}/{spec.Name}/{number}";
}
