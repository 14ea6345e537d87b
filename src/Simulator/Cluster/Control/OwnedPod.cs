using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.StatefulSets;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>Pods of a template, as controllers and the pod admission of a real cluster make them.</summary>
internal static class OwnedPod
{
    /// <param name="owner">The controller's object; the pod lives in its namespace.</param>
    /// <param name="template">The pod template; it stays as it is.</param>
    /// <param name="name">The pod's name.</param>
    /// <param name="labels">Labels beside those of the template.</param>
    /// <param name="change">Changes the spec before defaults are applied.</param>
    public static JsonObject New(StoredObject owner, JsonNode? template, string name, IEnumerable<(string Key, string Value)>? labels = null, Action<JsonObject>? change = null)
    {
        var metadata = template?["metadata"]?.DeepClone() as JsonObject ?? [];
        metadata["name"] = name;
        metadata["generateName"] = $"{owner.Name}-";
        metadata["namespace"] = owner.Namespace;
        foreach (var (key, value) in labels ?? [])
        {
            if (metadata["labels"] is not JsonObject all)
                metadata["labels"] = all = [];
            all[key] = value;
        }

        metadata["ownerReferences"] = new JsonArray(OwnerReferences.To(owner));
        var spec = template?["spec"]?.DeepClone() as JsonObject ?? [];
        change?.Invoke(spec);
        PodDefaults.Apply(spec);
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = metadata,
            ["spec"] = spec,
            ["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodQuality.ClassOf(spec) },
        };
    }
}
