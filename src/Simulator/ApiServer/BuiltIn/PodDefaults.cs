using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>The defaults of pods and pod templates.</summary>
internal static class PodDefaults
{
    public static void Template(JsonObject owner)
    {
        if (owner["spec"] is JsonObject spec && spec["template"]?["spec"] is JsonObject pod)
            Spec(pod);
    }

    public static void Pod(JsonObject pod)
    {
        if (pod["spec"] is not JsonObject spec)
            return;
        Spec(spec);
        spec.Default("enableServiceLinks", true);
        spec.Default("priority", 0);
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
        foreach (var container in Containers(spec))
        {
            if (container["resources"] is not JsonObject { Count: > 0 } resources || resources["limits"] is not JsonObject limits)
                continue;
            var requests = resources.Child("requests");
            foreach (var (name, amount) in limits)
                requests.Default(name, amount!.DeepClone());
        }

        Tolerate(spec, "node.kubernetes.io/not-ready");
        Tolerate(spec, "node.kubernetes.io/unreachable");
    }

    public static void Spec(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30L);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("securityContext", new JsonObject());
        spec.Default("schedulerName", "default-scheduler");
        if (spec["serviceAccountName"].AsText() is { Length: > 0 } account)
            spec.Default("serviceAccount", account);
        foreach (var container in Containers(spec))
            Container(container);
        foreach (var volume in spec.Objects("volumes"))
            Volume(volume);
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec) => spec.Objects("initContainers").Concat(spec.Objects("containers"));

    private static void Container(JsonObject container)
    {
        container.Default("resources", new JsonObject());
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("imagePullPolicy", IsLatest(container["image"].AsText() ?? "") ? "Always" : "IfNotPresent");
        foreach (var port in container.Objects("ports"))
            port.Default("protocol", "TCP");
        foreach (var variable in container.Objects("env"))
        {
            if (variable["valueFrom"]?["fieldRef"] is JsonObject reference)
                reference.Default("apiVersion", "v1");
        }

        foreach (var name in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container[name] is JsonObject probe)
                Probe(probe);
        }
    }

    private static void Probe(JsonObject probe)
    {
        probe.Default("timeoutSeconds", 1L);
        probe.Default("periodSeconds", 10L);
        probe.Default("successThreshold", 1L);
        probe.Default("failureThreshold", 3L);
        if (probe["httpGet"] is JsonObject get)
        {
            get.Default("path", "/");
            get.Default("scheme", "HTTP");
        }

        if (probe["grpc"] is JsonObject grpc)
            grpc.Default("service", "");
    }

    private static void Volume(JsonObject volume)
    {
        foreach (var source in (string[])["secret", "configMap", "downwardAPI", "projected"])
        {
            if (volume[source] is JsonObject fields)
                fields.Default("defaultMode", 420L);
        }

        if (volume["hostPath"] is JsonObject path)
            path.Default("type", "");
        if (volume["image"] is JsonObject image)
            image.Default("pullPolicy", IsLatest(image["reference"].AsText() ?? "") ? "Always" : "IfNotPresent");
        if (volume.Count == 1 && volume.ContainsKey("name"))
            volume["emptyDir"] = new JsonObject();
    }

    private static bool IsLatest(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
            return false;
        var tag = image[(image.LastIndexOf('/') + 1)..];
        var colon = tag.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || tag[colon..] == ":latest";
    }

    /// <summary>Pods leave a lost node after five minutes unless they say otherwise.</summary>
    private static void Tolerate(JsonObject spec, string taint)
    {
        if (spec.Objects("tolerations").Any(toleration => Tolerates(toleration, taint)))
            return;
        if (spec["tolerations"] is not JsonArray tolerations)
            spec["tolerations"] = tolerations = [];
        tolerations.Add((JsonNode)new JsonObject { ["key"] = taint, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300L });
    }

    private static bool Tolerates(JsonObject toleration, string taint)
    {
        var effect = toleration["effect"].AsText();
        var key = toleration["key"].AsText();
        return (effect is null or "" or "NoExecute") && (string.Equals(key, taint, StringComparison.Ordinal)
            || (string.IsNullOrEmpty(key) && toleration["operator"].AsText() == "Exists"));
    }
}
