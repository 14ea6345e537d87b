using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.BuiltIn;

/// <summary>The defaults of the other built-in kinds.</summary>
internal static class Defaults
{
    public static void StatefulSet(JsonObject body)
    {
        if (body["spec"] is not JsonObject spec)
            return;
        spec.Default("replicas", 1L);
        spec.Default("podManagementPolicy", "OrderedReady");
        spec.Default("revisionHistoryLimit", 10L);
        var strategy = spec.Child("updateStrategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy["type"].AsText() == "RollingUpdate")
            strategy.Child("rollingUpdate").Default("partition", 0L);
        var retention = spec.Child("persistentVolumeClaimRetentionPolicy");
        retention.Default("whenDeleted", "Retain");
        retention.Default("whenScaled", "Retain");
        foreach (var claim in spec.Objects("volumeClaimTemplates"))
        {
            claim.Default("apiVersion", "v1");
            claim.Default("kind", "PersistentVolumeClaim");
            if (claim["spec"] is JsonObject claimSpec)
                claimSpec.Default("volumeMode", "Filesystem");
            claim.Child("status").Default("phase", "Pending");
        }

        PodDefaults.Template(body);
    }

    public static void Deployment(JsonObject body)
    {
        if (body["spec"] is not JsonObject spec)
            return;
        spec.Default("replicas", 1L);
        spec.Default("revisionHistoryLimit", 10L);
        spec.Default("progressDeadlineSeconds", 600L);
        var strategy = spec.Child("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy["type"].AsText() == "RollingUpdate")
        {
            strategy.Child("rollingUpdate").Default("maxUnavailable", "25%");
            strategy.Child("rollingUpdate").Default("maxSurge", "25%");
        }

        PodDefaults.Template(body);
    }

    public static void ReplicaSet(JsonObject body)
    {
        if (body["spec"] is JsonObject spec)
            spec.Default("replicas", 1L);
        PodDefaults.Template(body);
    }

    public static void Service(JsonObject body)
    {
        var spec = body.Child("spec");
        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        if (spec["type"].AsText() == "ExternalName")
            return;
        spec.Default("internalTrafficPolicy", "Cluster");
        spec.Default("ipFamilyPolicy", "SingleStack");
        spec.Default("ipFamilies", new JsonArray("IPv4"));
        foreach (var port in spec.Objects("ports"))
        {
            port.Default("protocol", "TCP");
            if (port["port"].AsLong() is { } number)
                port.Default("targetPort", number);
        }

        if (spec["type"].AsText() is "NodePort" or "LoadBalancer")
            spec.Default("externalTrafficPolicy", "Cluster");
    }

    public static void Secret(JsonObject body)
    {
        body.Default("type", "Opaque");
        if (body["stringData"] is not JsonObject texts)
            return;
        var data = body.Child("data");
        foreach (var (key, value) in texts)
            data[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value.AsText() ?? ""));
        body.Remove("stringData");
    }

    public static void PersistentVolumeClaim(JsonObject body)
    {
        body.Child("spec").Default("volumeMode", "Filesystem");
        body.Child("status").Default("phase", "Pending");
    }

    public static void PersistentVolume(JsonObject body)
    {
        body.Child("spec").Default("volumeMode", "Filesystem");
        body.Child("spec").Default("persistentVolumeReclaimPolicy", "Retain");
        body.Child("status").Default("phase", "Pending");
    }

    public static void NetworkPolicy(JsonObject body)
    {
        var spec = body.Child("spec");
        if (spec["policyTypes"] is null)
        {
            spec["policyTypes"] = new JsonArray("Ingress");
            if (spec["egress"] is JsonArray { Count: > 0 })
                spec["policyTypes"]!.AsArray().Add((JsonNode)"Egress");
        }

        foreach (var rule in spec.Objects("ingress").Concat(spec.Objects("egress")))
        {
            foreach (var port in rule.Objects("ports"))
                port.Default("protocol", "TCP");
        }
    }

    public static void StorageClass(JsonObject body)
    {
        body.Default("reclaimPolicy", "Delete");
        body.Default("volumeBindingMode", "Immediate");
    }

    public static void CustomResourceDefinition(JsonObject body)
    {
        if (body["spec"] is not JsonObject spec || spec["names"] is not JsonObject names)
            return;
        spec.Child("conversion").Default("strategy", "None");
        if (names["kind"].AsText() is not { Length: > 0 } kind)
            return;
        names.Default("singular", kind.ToLowerInvariant());
        names.Default("listKind", kind + "List");
    }

    public static void Binding(JsonObject body)
    {
        if (body["roleRef"] is JsonObject role)
            role.Default("apiGroup", "rbac.authorization.k8s.io");
        foreach (var subject in body.Objects("subjects"))
        {
            if (subject["kind"].AsText() is "User" or "Group")
                subject.Default("apiGroup", "rbac.authorization.k8s.io");
        }
    }

    public static void Webhooks(JsonObject body)
    {
        foreach (var webhook in body.Objects("webhooks"))
        {
            webhook.Default("failurePolicy", "Fail");
            webhook.Default("matchPolicy", "Equivalent");
            webhook.Default("timeoutSeconds", 10L);
            webhook.Default("namespaceSelector", new JsonObject());
            webhook.Default("objectSelector", new JsonObject());
            foreach (var rule in webhook.Objects("rules"))
                rule.Default("scope", "*");
            if (webhook["clientConfig"]?["service"] is JsonObject service)
                service.Default("port", 443L);
        }
    }
}
