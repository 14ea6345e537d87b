using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Scheduling;

/// <summary>A required pod (anti-)affinity term.</summary>
/// <param name="TopologyKey">The node label within whose value it holds.</param>
/// <param name="Selector">Which pods it is about.</param>
/// <param name="Namespaces">In which namespaces.</param>
internal sealed record AntiAffinityTerm(string TopologyKey, JsonNode? Selector, IReadOnlyList<string> Namespaces)
{
    public bool Covers(StoredObject pod) =>
        Namespaces.Contains(pod.Namespace ?? "") && LabelSelectors.Matches(Selector, pod.Labels);
}

/// <summary>Reads the required terms of a pod.</summary>
internal static class AntiAffinity
{
    public static IReadOnlyList<AntiAffinityTerm> Of(StoredObject pod) => Terms(pod, "podAntiAffinity");

    public static IReadOnlyList<AntiAffinityTerm> Terms(StoredObject pod, string kind)
    {
        if (pod.Body["spec"]?["affinity"]?[kind]?["requiredDuringSchedulingIgnoredDuringExecution"] is not JsonArray { Count: > 0 } terms)
            return [];
        return terms.OfType<JsonObject>().Select(t => new AntiAffinityTerm(
            t["topologyKey"].AsText() ?? "",
            t["labelSelector"],
            t["namespaces"] is JsonArray { Count: > 0 } named ? named.Select(n => n.AsText() ?? "").ToArray() : [pod.Namespace ?? ""])).ToArray();
    }
}
