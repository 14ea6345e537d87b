using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Kubelets.Containers;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Kubelets;

/// <summary>Writes a pod's status as a kubelet reports it, from what it remembers and the time.</summary>
internal static class PodStatusWriter
{
    public static void Write(JsonObject pod, PodRun run, string hostIp, DateTimeOffset now)
    {
        if (pod["status"] is not JsonObject status)
            pod["status"] = status = [];
        status["phase"] = Phase(run);
        if (run.Failure is { } failure)
        {
            status["reason"] = failure.Reason;
            status["message"] = failure.Message;
        }
        WriteConditions(pod, run, now);
        status["hostIP"] = hostIp;
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = hostIp });
        status["startTime"] ??= ObjectRules.Timestamp(run.Bound);
        status["qosClass"] ??= PodQuality.ClassOf(pod["spec"] as JsonObject ?? []);
        if (Array.Exists(run.Containers, c => c.HasRun))
        {
            var ip = pod["spec"]?["hostNetwork"].AsBool() == true ? hostIp : run.PodIp;
            status["podIP"] = ip;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = ip });
        }
        var all = run.Specs.Select((_, i) => i).ToLookup(i => run.Specs[i].IsMain, i => (JsonNode)ContainerStatus.Of(run, i, now));
        if (all[false].Any())
            status["initContainerStatuses"] = new JsonArray([.. all[false]]);
        status["containerStatuses"] = new JsonArray([.. all[true]]);
    }

    /// <summary>Pending until every container has run once, then Running until none is started again.</summary>
    private static string Phase(PodRun run)
    {
        if (run.Failure is not null)
            return "Failed";
        var main = run.Containers.Where((_, i) => run.Specs[i].IsMain).ToArray();
        if (run.Containers.Where((_, i) => run.Specs[i].Kind == ContainerKind.Init).Any(c => c.IsOver && c.Last!.ExitCode != 0))
            return "Failed";
        if (!run.IsInitialized || !Array.TrueForAll(main, c => c.HasRun))
            return "Pending";
        if (!Array.TrueForAll(main, c => c.IsOver))
            return "Running";
        return Array.TrueForAll(main, c => c.Last!.ExitCode == 0) ? "Succeeded" : "Failed";
    }

    private static void WriteConditions(JsonObject pod, PodRun run, DateTimeOffset now)
    {
        var time = ObjectRules.Timestamp(now);
        var incomplete = Names(run, i => !run.Specs[i].IsMain && (run.Specs[i].Kind == ContainerKind.Sidecar ? !run.Containers[i].HasRun : !run.Containers[i].IsOver));
        var unready = Names(run, i => run.Specs[i].IsMain && !run.IsReady(i, now));
        var reason = Phase(run) switch { "Failed" => "PodFailed", "Succeeded" => "PodCompleted", _ => "ContainersNotReady" };
        PodConditions.Set(pod, "PodReadyToStartContainers", run.Failure is null && reason == "ContainersNotReady" ? "True" : "False", null, null, time);
        Set(pod, "Initialized", incomplete, "ContainersNotInitialized", "containers with incomplete status", time);
        Set(pod, "Ready", unready, reason, "containers with unready status", time);
        Set(pod, "ContainersReady", unready, reason, "containers with unready status", time);
    }

    private static void Set(JsonObject pod, string type, string[] missing, string reason, string words, string time)
    {
        if (missing.Length == 0)
            PodConditions.Set(pod, type, "True", null, null, time);
        else
            PodConditions.Set(pod, type, "False", reason, reason is "PodFailed" or "PodCompleted" ? null : $"{words}: [{string.Join(' ', missing)}]", time);
    }

    private static string[] Names(PodRun run, Func<int, bool> where) => [.. Enumerable.Range(0, run.Specs.Length).Where(where).Select(i => run.Specs[i].Name)];
}
