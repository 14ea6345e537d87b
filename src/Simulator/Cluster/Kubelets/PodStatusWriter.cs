using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.StatefulSets;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>Writes a pod's status as a kubelet reports it, from what it remembers and the time.</summary>
internal static class PodStatusWriter
{
    public static void Write(JsonObject pod, PodRun run, string hostIp, DateTimeOffset now)
    {
        var spec = pod["spec"] as JsonObject ?? [];
        if (pod["status"] is not JsonObject status)
            pod["status"] = status = [];
        var started = now >= run.StartsAt;
        var ready = run.Failure is null && now >= run.ReadyAt;
        var time = ObjectRules.Timestamp(now);
        status["phase"] = run.Failure is not null ? "Failed" : started || run.Restarts > 0 ? "Running" : "Pending";
        if (run.Failure is not null)
        {
            status["reason"] = "Error";
            status["message"] = run.Failure;
        }
        var initialized = started || run.Restarts > 0;
        PodConditions.Set(pod, "PodReadyToStartContainers", "True", null, null, time);
        PodConditions.Set(pod, "Initialized", initialized ? "True" : "False", null, null, time);
        var unready = $"containers with unready status: [{string.Join(' ', PodDefaults.Containers(spec, "containers").Select(c => c["name"].AsText()))}]";
        foreach (var type in (string[])["Ready", "ContainersReady"])
            PodConditions.Set(pod, type, ready ? "True" : "False", ready ? null : "ContainersNotReady", ready ? null : unready, time);
        status["hostIP"] = hostIp;
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = hostIp });
        status["startTime"] ??= ObjectRules.Timestamp(run.Bound);
        status["qosClass"] ??= PodQuality.ClassOf(spec);
        if (initialized)
        {
            var ip = spec["hostNetwork"].AsBool() == true ? hostIp : run.PodIp;
            status["podIP"] = ip;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = ip });
        }
        if (PodDefaults.Containers(spec, "initContainers").ToArray() is { Length: > 0 } init)
            status["initContainerStatuses"] = new JsonArray([.. init.Select(c => InitContainer(c, run, initialized))]);
        status["containerStatuses"] = new JsonArray(
            [.. PodDefaults.Containers(spec, "containers").Select(c => Container(c, run, started, ready))]);
    }

    private static JsonObject InitContainer(JsonObject container, PodRun run, bool done)
    {
        var sidecar = container["restartPolicy"].AsText() == "Always";
        JsonObject state = !done ? Waiting("PodInitializing") : sidecar ? Running(run.StartsAt) : new JsonObject
        {
            ["terminated"] = new JsonObject
            {
                ["exitCode"] = 0,
                ["reason"] = "Completed",
                ["startedAt"] = ObjectRules.Timestamp(run.Bound),
                ["finishedAt"] = ObjectRules.Timestamp(run.StartsAt),
                ["containerID"] = ContainerId(container, run, 0),
            },
        };
        return Status(container, run, state, [], done, done, restarts: 0);
    }

    private static JsonObject Container(JsonObject container, PodRun run, bool started, bool ready)
    {
        var last = new JsonObject();
        if (run.CrashedAt is { } crash)
            last["terminated"] = Terminated(container, run, crash, Math.Max(0, run.Restarts - 1));
        if (run.Failure is not null)
        {
            var end = new JsonObject { ["terminated"] = Terminated(container, run, run.CrashedAt ?? run.StartsAt, run.Restarts) };
            return Status(container, run, end, [], false, false, run.Restarts);
        }
        var state = started ? Running(run.StartsAt) : Waiting(run.Restarts > 0 ? "CrashLoopBackOff" : "ContainerCreating");
        return Status(container, run, state, last, started, ready, run.Restarts);
    }

    private static JsonObject Status(JsonObject container, PodRun run, JsonObject state, JsonObject last, bool started, bool ready, int restarts)
    {
        var image = container["image"].AsText() ?? "";
        var status = new JsonObject
        {
            ["name"] = container["name"].AsText(),
            ["state"] = state,
            ["lastState"] = last,
            ["ready"] = ready,
            ["restartCount"] = restarts,
            ["image"] = image,
            ["imageID"] = started ? $"sim://{image}" : "",
            ["started"] = started,
        };
        if (started)
            status["containerID"] = ContainerId(container, run, restarts);
        return status;
    }

    private static JsonObject Terminated(JsonObject container, PodRun run, DateTimeOffset end, int restarts) => new()
    {
        ["exitCode"] = 1,
        ["reason"] = "Error",
        ["finishedAt"] = ObjectRules.Timestamp(end),
        ["containerID"] = ContainerId(container, run, restarts),
    };

    private static JsonObject Waiting(string reason) => new() { ["waiting"] = new JsonObject { ["reason"] = reason } };

    private static JsonObject Running(DateTimeOffset since) =>
        new() { ["running"] = new JsonObject { ["startedAt"] = ObjectRules.Timestamp(since) } };

    private static string ContainerId(JsonObject container, PodRun run, int restarts) =>
        $"sim://{run.Uid}/{container["name"].AsText()}/{restarts}";
}
