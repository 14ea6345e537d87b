using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>Reads a pod's state.</summary>
internal static class PodState
{
    public static bool IsReady(StoredObject pod) => ConditionStatus(pod, "Ready") == "True" && !pod.IsBeingDeleted;

    /// <summary>Finished pods free their resources.</summary>
    public static bool IsFinished(StoredObject pod) => pod.Content.At("status", "phase") is var phase && (phase.Is("Succeeded") || phase.Is("Failed"));

    public static string? Node(StoredObject pod) => pod.Content.At("spec", "nodeName").AsText() is { Length: > 0 } node ? node : null;

    public static string? ConditionStatus(StoredObject stored, string type) =>
        stored.Content.At("status", "conditions").Items().FirstOrDefault(c => c.At("type").Is(type)).At("status").AsText();

    public static string? ConditionStatus(JsonObject body, string type) =>
        (body["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>()
            .FirstOrDefault(c => c["type"].AsText() == type)?["status"].AsText();
}
