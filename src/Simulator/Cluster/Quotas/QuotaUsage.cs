using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator.Storage;

using Amounts = System.Collections.Generic.Dictionary<string, GpuStack.Kubernetes.Models.Quantity>;

namespace GpuStack.Simulator.Cluster.Quotas;

/// <summary>What an object takes, by the names that a ResourceQuota uses.</summary>
internal static class QuotaUsage
{
    /// <summary>Kinds that have a name of their own besides <c>count/…</c>.</summary>
    private static readonly string[] Plain = ["pods", "services", "configmaps", "secrets", "persistentvolumeclaims", "resourcequotas"];

    private static readonly string[] Compute = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

    public static Amounts Of(ResourceKey resource, JsonObject body)
    {
        var usage = new Amounts(StringComparer.Ordinal) { [$"count/{resource}"] = 1 };
        if (resource.Group.Length == 0 && Plain.Contains(resource.Resource))
            usage[resource.Resource] = 1;
        if (resource == BuiltInResources.Pods)
            AddPod(usage, body["spec"] as JsonObject ?? []);
        else if (resource == BuiltInResources.PersistentVolumeClaims)
            AddClaim(usage, body["spec"] as JsonObject ?? []);
        else if (resource == BuiltInResources.Services)
            AddService(usage, body["spec"] as JsonObject ?? []);
        return usage;
    }

    /// <summary>A finished pod takes nothing.</summary>
    public static bool Counts(StoredObject stored) =>
        stored.Definition.Key != BuiltInResources.Pods || stored.Content.At("status", "phase").AsText() is not ("Succeeded" or "Failed");

    /// <summary>The kinds that a quota's name is about; none when nothing here is counted by it.</summary>
    public static IEnumerable<ResourceKey> Counted(string name, IEnumerable<ResourceDefinition> definitions)
    {
        if (name.StartsWith("count/", StringComparison.Ordinal))
            return definitions.Where(one => $"count/{one.Key}" == name).Select(one => one.Key);
        if (Plain.Contains(name))
            return [new ResourceKey("", name)];
        if (name.StartsWith("services.", StringComparison.Ordinal))
            return [BuiltInResources.Services];
        return name == "requests.storage" || name.Contains(".storageclass.storage.k8s.io/", StringComparison.Ordinal)
            ? [BuiltInResources.PersistentVolumeClaims]
            : [BuiltInResources.Pods];
    }

    /// <summary>What containers must say where a quota limits it; null when they say it all.</summary>
    public static string? Unsaid(JsonObject spec, IEnumerable<string> limited)
    {
        var missing = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in limited.Where(name => Compute.Contains(name)))
        {
            var (part, resource) = name.Split('.') is [var first, var second] ? (first, second) : ("requests", name);
            var containers = Containers(spec, "containers").Concat(Containers(spec, "initContainers"))
                .Where(container => Read(container, part).GetValueOrDefault(resource) == 0)
                .Select(container => container["name"].AsText())
                .Order(StringComparer.Ordinal)
                .ToList();
            if (containers.Count > 0)
                missing[name] = string.Join(',', containers);
        }

        return missing.Count == 0 ? null : $"must specify {string.Join("; ", missing.Select(one => $"{one.Key} for: {one.Value}"))}";
    }

    private static void AddPod(Amounts usage, JsonObject spec)
    {
        foreach (var part in (string[])["requests", "limits"])
        {
            foreach (var (name, amount) in Whole(spec, part))
            {
                usage[$"{part}.{name}"] = amount;
                if (part == "requests" && name is "cpu" or "memory")
                    usage[name] = amount;
            }
        }
    }

    private static void AddClaim(Amounts usage, JsonObject spec)
    {
        if (!Quantity.TryParse(spec["resources"]?["requests"]?["storage"].AsText(), out var storage))
            return;
        usage["requests.storage"] = storage;
        if (spec["storageClassName"].AsText() is not { Length: > 0 } storageClass)
            return;
        usage[$"{storageClass}.storageclass.storage.k8s.io/requests.storage"] = storage;
        usage[$"{storageClass}.storageclass.storage.k8s.io/persistentvolumeclaims"] = 1;
    }

    private static void AddService(Amounts usage, JsonObject spec)
    {
        var type = spec["type"].AsText();
        if (type == "LoadBalancer")
            usage["services.loadbalancers"] = 1;
        if (type is "LoadBalancer" or "NodePort")
            usage["services.nodeports"] = (spec["ports"] as JsonArray)?.Count ?? 0;
    }

    /// <summary>The rule by which the scheduler adds up containers and init containers, too.</summary>
    private static Amounts Whole(JsonObject spec, string part)
    {
        var running = new Amounts(StringComparer.Ordinal);
        var peak = new Amounts(StringComparer.Ordinal);
        foreach (var container in Containers(spec, "initContainers"))
        {
            var now = new Amounts(running, StringComparer.Ordinal);
            Add(now, Read(container, part));
            if (container["restartPolicy"].AsText() == "Always")
                running = now;
            Raise(peak, now);
        }

        foreach (var container in Containers(spec, "containers"))
            Add(running, Read(container, part));
        Raise(peak, running);
        return peak;
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec, string list) => (spec[list] as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>Where a request is not given, the limit is.</summary>
    private static Amounts Read(JsonObject container, string part)
    {
        var amounts = new Amounts(StringComparer.Ordinal);
        foreach (var source in part == "requests" ? (string[])["limits", "requests"] : ["limits"])
        {
            foreach (var (name, value) in container["resources"]?[source] as JsonObject ?? [])
            {
                if (Quantity.TryParse(value.AsText() ?? value?.ToJsonString(), out var amount))
                    amounts[name] = amount;
            }
        }

        return amounts;
    }

    private static void Add(Amounts sum, Amounts amounts)
    {
        foreach (var (name, amount) in amounts)
            sum[name] = sum.TryGetValue(name, out var present) ? present + amount : amount;
    }

    private static void Raise(Amounts most, Amounts amounts)
    {
        foreach (var (name, amount) in amounts)
        {
            if (!most.TryGetValue(name, out var present) || amount > present)
                most[name] = amount;
        }
    }
}
