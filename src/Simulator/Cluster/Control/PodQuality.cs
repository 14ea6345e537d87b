using System.Text.Json.Nodes;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>The quality of service class, which the API server sets on a new pod from what its containers request.</summary>
internal static class PodQuality
{
    /// <summary>BestEffort, Burstable or Guaranteed.</summary>
    public static string ClassOf(JsonObject spec)
    {
        var amounts = Containers(spec, "containers").Concat(Containers(spec, "initContainers"))
            .Select(c => (Requests: c["resources"]?["requests"] as JsonObject, Limits: c["resources"]?["limits"] as JsonObject)).ToArray();
        string[] names = ["cpu", "memory"];
        if (!amounts.Any(a => names.Any(n => a.Requests?[n] is not null || a.Limits?[n] is not null)))
            return "BestEffort";
        return amounts.All(a => names.All(n => a.Limits?[n] is { } limit && (a.Requests?[n] is not { } request || JsonNode.DeepEquals(limit, request))))
            ? "Guaranteed" : "Burstable";
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec, string list) => (spec[list] as JsonArray ?? []).OfType<JsonObject>();
}
