using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Nodes;

/// <summary>Completes node objects with what a kubelet reports of itself.</summary>
internal static class NodeObjects
{
    /// <summary>The address, made up from the name where the node states none.</summary>
    public static string InternalIp(StoredObject node) =>
        (node.Body["status"]?["addresses"] as JsonArray)?.OfType<JsonObject>()
            .FirstOrDefault(a => a["type"].AsText() == "InternalIP")?["address"].AsText() ?? MadeUpAddress(node.Name);

    public static void Complete(JsonObject node, string name, string now)
    {
        if (node["status"] is not JsonObject status)
            node["status"] = status = [];
        status["capacity"] ??= status["allocatable"]?.DeepClone();
        status["allocatable"] ??= status["capacity"]?.DeepClone();
        status["addresses"] ??= new JsonArray(
            new JsonObject { ["type"] = "InternalIP", ["address"] = MadeUpAddress(name) },
            new JsonObject { ["type"] = "Hostname", ["address"] = name });
        status["nodeInfo"] ??= new JsonObject
        {
            ["machineID"] = name,
            ["systemUUID"] = name,
            ["bootID"] = name,
            ["kernelVersion"] = "6.8.0-simulated",
            ["osImage"] = "GpuStack simulated node",
            ["containerRuntimeVersion"] = "simulated://1.0",
            ["kubeletVersion"] = "v1.34.0-simulated",
            ["kubeProxyVersion"] = "",
            ["operatingSystem"] = "linux",
            ["architecture"] = "amd64",
        };
        if (node["metadata"]!["labels"] is not JsonObject labels)
            node["metadata"]!["labels"] = labels = [];
        labels["kubernetes.io/hostname"] ??= name;
        labels["kubernetes.io/os"] ??= "linux";
        labels["kubernetes.io/arch"] ??= "amd64";
        foreach (var condition in (status["conditions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            condition["lastHeartbeatTime"] ??= now;
            condition["lastTransitionTime"] ??= now;
        }
        if (PodState.ConditionStatus(node, "Ready") is null)
            SetReady(node, now);
    }

    public static void SetReady(JsonObject node, string now) =>
        PodConditions.Set(node, "Ready", "True", "KubeletReady", "kubelet is posting ready status", now);

    private static string MadeUpAddress(string name)
    {
        var hash = StableHash.Of(name);
        return $"10.{hash >> 16 & 0x7f}.{hash >> 8 & 0xff}.{(hash & 0xff) % 254 + 1}";
    }
}
