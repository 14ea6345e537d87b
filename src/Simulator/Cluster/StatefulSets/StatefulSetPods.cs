using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.StatefulSets;

/// <summary>Makes the pods and claims of a StatefulSet as the controller and the pod admission of a real cluster do.</summary>
internal static class StatefulSetPods
{
    public const string RevisionLabel = "controller-revision-hash";
    private const string PodNameLabel = "statefulset.kubernetes.io/pod-name";
    private const string IndexLabel = "apps.kubernetes.io/pod-index";

    public static JsonObject Create(StatefulSetView view, int ordinal, string revision)
    {
        var name = view.PodName(ordinal);
        var metadata = (view.Template["metadata"]?.DeepClone() as JsonObject) ?? [];
        metadata["name"] = name;
        metadata["generateName"] = $"{view.Set.Name}-";
        metadata["namespace"] = view.Set.Namespace;
        if (metadata["labels"] is not JsonObject labels)
            metadata["labels"] = labels = [];
        labels[IndexLabel] = ordinal.ToString();
        labels[RevisionLabel] = revision;
        labels[PodNameLabel] = name;
        metadata["ownerReferences"] = new JsonArray(OwnerReferences.To(view.Set));
        var spec = (view.Template["spec"]?.DeepClone() as JsonObject) ?? [];
        spec["hostname"] = name;
        if (view.Spec["serviceName"].AsText() is { Length: > 0 } service)
            spec["subdomain"] = service;
        MountClaims(view, spec, name);
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

    public static IEnumerable<JsonObject> Claims(StatefulSetView view, int ordinal)
    {
        foreach (var template in Templates(view))
        {
            var claim = (JsonObject)template.DeepClone();
            claim["apiVersion"] = "v1";
            claim["kind"] = "PersistentVolumeClaim";
            if (claim["metadata"] is not JsonObject metadata)
                claim["metadata"] = metadata = [];
            metadata["name"] = ClaimName(template, view.PodName(ordinal));
            metadata["namespace"] = view.Set.Namespace;
            claim["status"] = new JsonObject { ["phase"] = "Pending" };
            yield return claim;
        }
    }

    private static IEnumerable<JsonObject> Templates(StatefulSetView view) =>
        (view.Spec["volumeClaimTemplates"] as JsonArray)?.OfType<JsonObject>() ?? [];

    private static string ClaimName(JsonObject template, string podName) => $"{template["metadata"]?["name"].AsText()}-{podName}";

    private static void MountClaims(StatefulSetView view, JsonObject spec, string podName)
    {
        foreach (var template in Templates(view))
        {
            if (spec["volumes"] is not JsonArray volumes)
                spec["volumes"] = volumes = [];
            volumes.Add((JsonNode)new JsonObject
            {
                ["name"] = template["metadata"]?["name"].AsText(),
                ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = ClaimName(template, podName) },
            });
        }
    }
}
