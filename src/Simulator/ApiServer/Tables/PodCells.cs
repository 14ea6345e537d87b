using System.Globalization;
using System.Text.Json.Nodes;
using GpuStack.Simulator.ApiServer.BuiltIn;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Tables;

/// <summary>The cells of a pod's row.</summary>
internal static class PodCells
{
    public static string Ready(JsonObject pod)
    {
        var total = pod["spec"].Objects("containers").Count();
        var ready = Statuses(pod).Count(status => status["ready"].AsBool() == true && status["state"]?["running"] is not null);
        return $"{ready}/{total}";
    }

    public static string Status(JsonObject pod)
    {
        var status = pod["status"];
        var phase = status?["phase"].AsText() ?? "";
        var reason = status?["reason"].AsText() is { Length: > 0 } own ? own : phase;
        if (status.Objects("conditions").Any(condition =>
            condition["type"].AsText() == "PodScheduled" && condition["reason"].AsText() == "SchedulingGated"))
            reason = "SchedulingGated";
        if (Initializing(pod) is { } initializing)
            reason = initializing;
        else
            reason = ContainerReason(pod) ?? reason;
        if (pod["metadata"]?["deletionTimestamp"] is not null)
            reason = status?["reason"].AsText() == "NodeLost" ? "Unknown" : phase is "Succeeded" or "Failed" ? reason : "Terminating";
        return reason;
    }

    public static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        var restarts = Statuses(pod).Sum(status => status["restartCount"].AsLong() ?? 0);
        var last = Statuses(pod)
            .Select(status => status["lastState"]?["terminated"]?["finishedAt"].AsText())
            .Where(time => time is not null)
            .Max(StringComparer.Ordinal);
        return restarts > 0 && DateTimeOffset.TryParse(last, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var then)
            ? $"{restarts} ({HumanDuration.Format(now - then)} ago)"
            : $"{restarts}";
    }

    public static string ReadinessGates(JsonObject pod)
    {
        var gates = pod["spec"].Objects("readinessGates").Select(gate => gate["conditionType"].AsText()).ToList();
        if (gates.Count == 0)
            return "<none>";
        var met = gates.Count(gate => pod["status"].Objects("conditions").Any(condition =>
            condition["type"].AsText() == gate && condition["status"].AsText() == "True"));
        return $"{met}/{gates.Count}";
    }

    private static IEnumerable<JsonObject> Statuses(JsonObject pod) => pod["status"].Objects("containerStatuses");

    private static string? Initializing(JsonObject pod)
    {
        var total = pod["spec"].Objects("initContainers").Count();
        var index = 0;
        foreach (var status in pod["status"].Objects("initContainerStatuses"))
        {
            var state = status["state"];
            if (state?["terminated"] is { } terminated)
            {
                if (terminated["exitCode"].AsLong() is null or 0)
                {
                    index++;
                    continue;
                }

                return "Init:" + (terminated["reason"].AsText() is { Length: > 0 } why ? why : $"ExitCode:{terminated["exitCode"]}");
            }

            if (status["started"].AsBool() == true)
            {
                index++;
                continue;
            }

            if (state?["waiting"]?["reason"].AsText() is { Length: > 0 } waiting && waiting != "PodInitializing")
                return "Init:" + waiting;
            return $"Init:{index}/{total}";
        }

        return null;
    }

    private static string? ContainerReason(JsonObject pod)
    {
        string? reason = null;
        var running = false;
        foreach (var status in Statuses(pod).Reverse())
        {
            var state = status["state"];
            if (state?["waiting"]?["reason"].AsText() is { Length: > 0 } waiting)
                reason = waiting;
            else if (state?["terminated"]?["reason"].AsText() is { Length: > 0 } terminated)
                reason = terminated;
            else if (state?["terminated"] is { } ended)
                reason = $"ExitCode:{ended["exitCode"]}";
            else if (status["ready"].AsBool() == true && state?["running"] is not null)
                running = true;
        }

        return reason == "Completed" && running ? "Running" : reason;
    }
}
