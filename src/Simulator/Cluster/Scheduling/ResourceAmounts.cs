using System.Text.Json.Nodes;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Scheduling;

/// <summary>Amounts by resource name: cpu in millicores, everything else in whole units (bytes, devices, pods).</summary>
internal static class ResourceAmounts
{
    public const string Pods = "pods";

    public static Dictionary<string, long> Read(JsonNode? map)
    {
        var amounts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, node) in map as JsonObject ?? [])
        {
            if (!Quantity.TryParse(node.AsText() ?? node?.ToJsonString(), out var quantity))
                continue;
            try
            {
                amounts[name] = name == "cpu" ? quantity.ToMilli() : quantity.ToInt64();
            }
            catch (OverflowException)
            {
                amounts[name] = long.MaxValue;
            }
        }
        return amounts;
    }

    /// <summary>
    /// What a pod takes by Kubernetes' rule: the containers and the restartable init containers together, or more if an
    /// init container needs more while those before it run; plus the pod's overhead.
    /// </summary>
    public static Dictionary<string, long> OfPod(JsonObject? spec)
    {
        var running = new Dictionary<string, long>(StringComparer.Ordinal);
        var peak = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var container in (spec?["initContainers"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            var requests = Requests(container);
            if (container["restartPolicy"].AsText() == "Always")
            {
                Add(running, requests);
                Max(peak, running);
            }
            else
            {
                var now = new Dictionary<string, long>(running, StringComparer.Ordinal);
                Add(now, requests);
                Max(peak, now);
            }
        }
        foreach (var container in (spec?["containers"] as JsonArray)?.OfType<JsonObject>() ?? [])
            Add(running, Requests(container));
        Max(peak, running);
        Add(peak, Read(spec?["overhead"]));
        peak[Pods] = 1;
        return peak;
    }

    public static void Add(Dictionary<string, long> sum, IReadOnlyDictionary<string, long> amounts, int sign = 1)
    {
        foreach (var (name, amount) in amounts)
            sum[name] = sum.GetValueOrDefault(name) + sign * amount;
    }

    private static void Max(Dictionary<string, long> most, Dictionary<string, long> amounts)
    {
        foreach (var (name, amount) in amounts)
            most[name] = Math.Max(most.GetValueOrDefault(name), amount);
    }

    private static Dictionary<string, long> Requests(JsonObject container)
    {
        var amounts = Read(container["resources"]?["limits"]);
        foreach (var (name, amount) in Read(container["resources"]?["requests"]))
            amounts[name] = amount;
        return amounts;
    }
}
