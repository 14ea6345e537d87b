using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Scheduling;

/// <summary>
/// Binds pods to nodes: filters, then the node that the pod prefers, and of several the least used one. A pod that fits nowhere gets the condition and the event of
/// kube-scheduler, and is tried again when a node changes or a pod frees its place. There is no preemption.
/// </summary>
internal sealed class Scheduler(ClusterStore store) : ControlLoop<ObjectKey>(store)
{
    private const string Name = "default-scheduler";
    private readonly ClusterView _view = new();
    private readonly HashSet<ObjectKey> _waiting = [];
    private readonly ClusterEvents _events = new(store, Name);

    protected override IEnumerable<ResourceKey> Watched => [BuiltInResources.Nodes, BuiltInResources.Pods];

    protected override void Observe(StoreEvent change)
    {
        if (change.Object.Definition.Key == BuiltInResources.Nodes)
        {
            if (_view.ObserveNode(change))
                Retry();
            return;
        }
        if (_view.ObservePod(change))
            Retry();
        var key = ObjectKey.Of(change.Object);
        if (change.Type == StoreEventType.Deleted || PodState.Node(change.Object) is not null)
            _waiting.Remove(key);
        else if (change.Type == StoreEventType.Added)
            Enqueue(key);
        else if (!change.IsSameAt("spec"))
            Enqueue(key);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(BuiltInResources.Pods, key.Namespace, key.Name) is not { IsBeingDeleted: false } pod || PodState.Node(pod) is not null
            || PodState.IsFinished(pod) || (pod.Body["spec"]?["schedulerName"].AsText() ?? Name) != Name
            || pod.Body["spec"]?["schedulingGates"] is JsonArray { Count: > 0 })
        {
            return;
        }
        var requests = ResourceAmounts.OfPod(pod.Body["spec"] as JsonObject);
        var refusals = new Dictionary<string, int>(StringComparer.Ordinal);
        var preemptible = 0;
        NodeState? best = null;
        var bestRank = (Preference: long.MaxValue, Use: double.MaxValue);
        foreach (var node in Candidates(pod, refusals))
        {
            var reasons = NodeFilters.Refusals(pod, requests, node, _view);
            foreach (var reason in reasons)
                refusals[reason] = refusals.GetValueOrDefault(reason) + 1;
            preemptible += reasons.Any(IsHelpedByPreemption) ? 1 : 0;
            if (reasons.Count > 0)
                continue;
            var rank = (Preference: -NodeFilters.Preference(pod, node.Node!), Use: Use(node, requests));
            if (best is null || rank.CompareTo(bestRank) is var order && (order < 0 || (order == 0 && string.CompareOrdinal(node.Name, best.Name) < 0)))
                (best, bestRank) = (node, rank);
        }
        if (best is null)
            Wait(key, pod, refusals, preemptible);
        else
            Bind(key, pod, best);
    }

    private void Retry()
    {
        foreach (var key in _waiting)
            Enqueue(key);
    }

    /// <summary>The nodes worth looking at; those that a pin excludes are counted at once.</summary>
    private IEnumerable<NodeState> Candidates(StoredObject pod, Dictionary<string, int> refusals)
    {
        if (NodeFilters.PinnedNodes(pod) is not { } pinned)
            return _view.Nodes;
        var nodes = pinned.Select(_view.Find).OfType<NodeState>().ToArray();
        if (_view.NodeCount - nodes.Length is > 0 and var others)
            refusals[NodeFilters.DoesNotMatchAffinity] = others;
        return nodes;
    }

    private static bool IsHelpedByPreemption(string reason) =>
        reason.StartsWith("Insufficient", StringComparison.Ordinal) || reason is "Too many pods" || reason.Contains("anti-affinity", StringComparison.Ordinal);

    /// <summary>The fullest of the requested resources on the node afterwards: spreading, as the default profile does.</summary>
    private static double Use(NodeState node, IReadOnlyDictionary<string, long> requests) => requests
        .Where(r => node.Allocatable.GetValueOrDefault(r.Key) > 0)
        .Select(r => (double)(node.Used.GetValueOrDefault(r.Key) + r.Value) / node.Allocatable[r.Key])
        .DefaultIfEmpty(0).Average();

    private void Bind(ObjectKey key, StoredObject pod, NodeState node)
    {
        var now = ObjectRules.Timestamp(Now);
        var bound = Store.Modify(BuiltInResources.Pods, key.Namespace, key.Name, p =>
        {
            var spec = (JsonObject)p["spec"]!;
            if (p["metadata"]!["uid"].AsText() != pod.Uid || spec["nodeName"].AsText() is { Length: > 0 })
                return;
            spec["nodeName"] = node.Name;
            PodConditions.Set(p, "PodScheduled", "True", null, null, now);
        });
        if (bound is null || PodState.Node(bound) != node.Name)
            return;
        _waiting.Remove(key);
        _view.Assume(key, bound, node.Name);
        _events.Normal(bound, "Scheduled", $"Successfully assigned {key.Namespace}/{key.Name} to {node.Name}");
    }

    private void Wait(ObjectKey key, StoredObject pod, Dictionary<string, int> refusals, int preemptible)
    {
        _waiting.Add(key);
        var total = _view.NodeCount;
        var message = SchedulingMessage.For(total, refusals, preemptible);
        var now = ObjectRules.Timestamp(Now);
        Store.ModifyStatus(BuiltInResources.Pods, key.Namespace, key.Name, p =>
            PodConditions.Set(p, "PodScheduled", "False", "Unschedulable", message, now));
        _events.Warning(pod, "FailedScheduling", message);
    }
}
