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
        return OwnedPod.New(view.Set, view.Template, name, [(IndexLabel, ordinal.ToString()), (RevisionLabel, revision), (PodNameLabel, name)], spec =>
        {
            spec["hostname"] = name;
            if (view.Spec["serviceName"].AsText() is { Length: > 0 } service)
                spec["subdomain"] = service;
            MountClaims(view, spec, name);
        });
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
