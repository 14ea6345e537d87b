using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Scheduling;

/// <summary>
/// Whether a pod may run on a node, filter by filter in kube-scheduler's order; the first that says no gives the reason.
/// </summary>
internal static class NodeFilters
{
    public const string DoesNotMatchAffinity = "node(s) didn't match Pod's node affinity/selector";

    /// <summary>The reasons against the node in kube-scheduler's words; none when the pod fits.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="requests">What it takes.</param>
    /// <param name="node">The node.</param>
    /// <param name="cluster">All nodes, for rules between pods.</param>
    public static IReadOnlyList<string> Refusals(
        StoredObject pod, IReadOnlyDictionary<string, long> requests, NodeState node, ClusterView cluster)
    {
        if (node.Unschedulable && new Taint("node.kubernetes.io/unschedulable", "", Taint.NoSchedule).ToleratedBy(pod) is null)
            return ["node(s) were unschedulable"];
        if (node.Taints.FirstOrDefault(t => t.Effect is Taint.NoSchedule or Taint.NoExecute && t.ToleratedBy(pod) is null) is not null)
            return ["node(s) had untolerated taint(s)"];
        if (!MatchesAffinity(pod, node.Node!))
            return [DoesNotMatchAffinity];
        var missing = Missing(requests, node);
        if (missing.Count > 0)
            return missing;
        return PodRules(pod, node, cluster);
    }

    /// <summary>The nodes that required affinity names by metadata.name, or null when it does not pin the pod.</summary>
    public static IReadOnlyCollection<string>? PinnedNodes(StoredObject pod)
    {
        if (Terms(pod) is not { Count: > 0 } terms)
            return null;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var term in terms.OfType<JsonObject>())
        {
            var field = (term["matchFields"] as JsonArray)?.OfType<JsonObject>()
                .FirstOrDefault(f => f["key"].AsText() == "metadata.name" && f["operator"].AsText() == "In");
            if (field is null)
                return null;
            names.UnionWith((field["values"] as JsonArray)?.Select(v => v.AsText() ?? "") ?? []);
        }
        return names;
    }

    /// <summary>How much a pod would rather run on the node: the weights of the preferred terms that the node matches.</summary>
    public static long Preference(StoredObject pod, StoredObject node)
    {
        if (pod.Body["spec"]?["affinity"]?["nodeAffinity"]?["preferredDuringSchedulingIgnoredDuringExecution"] is not JsonArray preferred)
            return 0;
        return preferred.OfType<JsonObject>().Where(one => one["preference"] is JsonObject term && MatchesTerm(term, node)).Sum(one => one["weight"].AsLong() ?? 0);
    }

    private static JsonArray? Terms(StoredObject pod) =>
        pod.Body["spec"]?["affinity"]?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]?["nodeSelectorTerms"] as JsonArray;

    private static bool MatchesAffinity(StoredObject pod, StoredObject node)
    {
        foreach (var (key, value) in pod.Body["spec"]?["nodeSelector"] as JsonObject ?? [])
        {
            if (!node.Labels.TryGetValue(key, out var actual) || actual != value.AsText())
                return false;
        }
        return Terms(pod) is not { } terms || terms.OfType<JsonObject>().Any(term => MatchesTerm(term, node));
    }

    private static bool MatchesTerm(JsonObject term, StoredObject node)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["metadata.name"] = node.Name };
        var isEmpty = term["matchExpressions"] is not JsonArray { Count: > 0 } && term["matchFields"] is not JsonArray { Count: > 0 };
        return !isEmpty && LabelSelectors.Expressions(term["matchExpressions"], node.Labels)
            && LabelSelectors.Expressions(term["matchFields"], fields);
    }

    private static List<string> Missing(IReadOnlyDictionary<string, long> requests, NodeState node)
    {
        var missing = new List<string>();
        foreach (var (name, amount) in requests)
        {
            if (amount > 0 && amount > node.Allocatable.GetValueOrDefault(name) - node.Used.GetValueOrDefault(name))
                missing.Add(name == ResourceAmounts.Pods ? "Too many pods" : $"Insufficient {name}");
        }
        missing.Sort(StringComparer.Ordinal);
        return missing;
    }

    private static IReadOnlyList<string> PodRules(StoredObject pod, NodeState node, ClusterView cluster)
    {
        foreach (var neighbour in cluster.NodesWithWideAntiAffinity.Append(node))
        {
            if (neighbour.Pods.Any(p => p.AntiAffinity.Any(t => t.Covers(pod) && SameTopology(t.TopologyKey, neighbour, node))))
                return ["node(s) didn't satisfy existing pods anti-affinity rules"];
        }
        foreach (var term in AntiAffinity.Of(pod))
        {
            if (cluster.NodesOf(term.TopologyKey, node).Any(n => n.Pods.Any(p => term.Covers(p.Pod))))
                return ["node(s) didn't match pod anti-affinity rules"];
        }
        foreach (var term in AntiAffinity.Terms(pod, "podAffinity"))
        {
            var known = cluster.NodesOf(term.TopologyKey, node).Any(n => n.Pods.Any(p => term.Covers(p.Pod)));
            // The first pod of a series may start it by matching its own term.
            if (!known && !(term.Covers(pod) && !cluster.Nodes.Any(n => n.Pods.Any(p => term.Covers(p.Pod)))))
                return ["node(s) didn't match pod affinity rules"];
        }
        return [];
    }

    private static bool SameTopology(string key, NodeState left, NodeState right) =>
        left.Node is { } a && right.Node is { } b && a.Labels.TryGetValue(key, out var x) && b.Labels.TryGetValue(key, out var y) && x == y;
}
