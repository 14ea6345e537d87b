using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.StatefulSets;

/// <summary>What defaulting and the default admission plugins add to every pod.</summary>
internal static class PodDefaults
{
    private static readonly string[] NodeTaints = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public static void Apply(JsonObject spec)
    {
        spec["restartPolicy"] ??= "Always";
        spec["terminationGracePeriodSeconds"] ??= 30;
        spec["dnsPolicy"] ??= "ClusterFirst";
        spec["securityContext"] ??= new JsonObject();
        spec["schedulerName"] ??= "default-scheduler";
        spec["serviceAccountName"] ??= "default";
        spec["serviceAccount"] ??= spec["serviceAccountName"]!.DeepClone();
        spec["priority"] ??= 0;
        spec["enableServiceLinks"] ??= true;
        spec["preemptionPolicy"] ??= "PreemptLowerPriority";
        foreach (var container in Containers(spec, "initContainers").Concat(Containers(spec, "containers")))
            RequestsFromLimits(container);
        AddTolerations(spec);
    }

    public static IEnumerable<JsonObject> Containers(JsonObject spec, string kind) =>
        (spec[kind] as JsonArray)?.OfType<JsonObject>() ?? [];

    private static void RequestsFromLimits(JsonObject container)
    {
        if (container["resources"]?["limits"] is not JsonObject limits || limits.Count == 0)
            return;
        var resources = (JsonObject)container["resources"]!;
        if (resources["requests"] is not JsonObject requests)
            resources["requests"] = requests = [];
        foreach (var (name, amount) in limits)
            requests[name] ??= amount?.DeepClone();
    }

    /// <summary>A pod stays 300 s on a node that is lost, unless it says otherwise.</summary>
    private static void AddTolerations(JsonObject spec)
    {
        if (spec["tolerations"] is not JsonArray tolerations)
            spec["tolerations"] = tolerations = [];
        foreach (var taint in NodeTaints)
        {
            var covered = tolerations.OfType<JsonObject>().Any(t => t["effect"].AsText() is null or "" or "NoExecute"
                && (t["key"].AsText() == taint || (string.IsNullOrEmpty(t["key"].AsText()) && t["operator"].AsText() == "Exists")));
            if (covered)
                continue;
            tolerations.Add((JsonNode)new JsonObject
            {
                ["key"] = taint,
                ["operator"] = "Exists",
                ["effect"] = "NoExecute",
                ["tolerationSeconds"] = 300,
            });
        }
    }
}
