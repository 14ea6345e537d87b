using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>Reads a pod's state.</summary>
internal static class PodState
{
    public static bool IsReady(StoredObject pod) => ConditionStatus(pod.Body, "Ready") == "True" && !pod.IsBeingDeleted;

    /// <summary>Finished pods free their resources.</summary>
    public static bool IsFinished(StoredObject pod) => pod.Body["status"]?["phase"].AsText() is "Succeeded" or "Failed";

    public static string? Node(StoredObject pod) => pod.Body["spec"]?["nodeName"].AsText() is { Length: > 0 } node ? node : null;

    public static string? ConditionStatus(JsonObject body, string type) =>
        (body["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>()
            .FirstOrDefault(c => c["type"].AsText() == type)?["status"].AsText();
}
