using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Scheduling;

/// <summary>A node's taint, and which tolerations bear it.</summary>
internal sealed record Taint(string Key, string Value, string Effect)
{
    public const string NoSchedule = "NoSchedule";
    public const string NoExecute = "NoExecute";

    public static IReadOnlyList<Taint> Of(StoredObject? node) =>
        (node?.Body["spec"]?["taints"] as JsonArray)?.OfType<JsonObject>().Select(t =>
            new Taint(t["key"].AsText() ?? "", t["value"].AsText() ?? "", t["effect"].AsText() ?? "")).ToArray() ?? [];

    /// <summary>The toleration that bears this taint, or null.</summary>
    public JsonObject? ToleratedBy(StoredObject pod) =>
        (pod.Body["spec"]?["tolerations"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(Tolerates);

    private bool Tolerates(JsonObject toleration)
    {
        if (toleration["effect"].AsText() is { Length: > 0 } effect && effect != Effect)
            return false;
        var exists = toleration["operator"].AsText() == "Exists";
        return toleration["key"].AsText() is { Length: > 0 } key
            ? key == Key && (exists || (toleration["value"].AsText() ?? "") == Value)
            : exists;
    }
}
