using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Events;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Cluster.Scheduling;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Nodes;

/// <summary>
/// Reports nodes as a kubelet and the node controllers do: Ready while up; Unknown once down; taints that follow; pods of
/// an unready node are not Ready; NoExecute taints evict pods when their toleration is over (they then stay Terminating,
/// for nobody confirms their end); pods of a node object that is gone are removed.
/// </summary>
internal sealed class NodeLifecycle(ClusterStore store, KubeletBehaviour behaviour, NodePower power) : ControlLoop<string>(store)
{
    private const string Unreachable = "node.kubernetes.io/unreachable";
    private const string NotReady = "node.kubernetes.io/not-ready";
    private const string Unschedulable = "node.kubernetes.io/unschedulable";

    private readonly Dictionary<string, HashSet<ObjectKey>> _podsByNode = new(StringComparer.Ordinal);
    private readonly ClusterEvents _events = new(store, "node-controller");

    protected override IEnumerable<ResourceKey> Watched => [BuiltInResources.Nodes, BuiltInResources.Pods];

    public void PowerChanged(string node) => Post(() => Enqueue(node));

    protected override void Observe(StoreEvent change)
    {
        if (change.Object.Definition.Key == BuiltInResources.Nodes)
        {
            Enqueue(change.Object.Name);
            return;
        }
        if (PodState.Node(change.Object) is not { } node)
            return;
        if (!_podsByNode.TryGetValue(node, out var pods))
            _podsByNode[node] = pods = [];
        var isNew = change.Type != StoreEventType.Deleted && pods.Add(ObjectKey.Of(change.Object));
        if (change.Type == StoreEventType.Deleted)
            pods.Remove(ObjectKey.Of(change.Object));
        if (isNew)
            Enqueue(node);
    }

    protected override void Reconcile(string name)
    {
        if (Store.Get(BuiltInResources.Nodes, null, name) is not { } node)
        {
            foreach (var pod in Pods(name))
                Store.Delete(BuiltInResources.Pods, pod.Namespace, pod.Name, new StoreDeleteOptions { Uid = pod.Uid, GracePeriodSeconds = 0 });
            return;
        }
        var now = ObjectRules.Timestamp(Now);
        if (power.DownSince(name) is { } since)
        {
            if (since + behaviour.NodeMonitorGrace > Now)
            {
                EnqueueAfter(name, since + behaviour.NodeMonitorGrace - Now);
                return;
            }
            if (PodState.ConditionStatus(node, "Ready") == "True")
                _events.Normal(node, "NodeNotReady", $"Node {name} status is now: NodeNotReady");
        }
        var isDown = power.IsDown(name);
        var written = Store.Modify(BuiltInResources.Nodes, null, name, n =>
        {
            NodeObjects.Complete(n, name, now);
            if (isDown)
                PodConditions.Set(n, "Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", now);
            else if (PodState.ConditionStatus(n, "Ready") == "Unknown")
                NodeObjects.SetReady(n, now);
            SetTaints(n, now);
        });
        if (written is not null)
            KeepPods(written, now);
    }

    private static void SetTaints(JsonObject node, string now)
    {
        var ready = PodState.ConditionStatus(node, "Ready");
        SetTaint(node, Unreachable, Taint.NoSchedule, ready == "Unknown", now);
        SetTaint(node, Unreachable, Taint.NoExecute, ready == "Unknown", now);
        SetTaint(node, NotReady, Taint.NoSchedule, ready == "False", now);
        SetTaint(node, NotReady, Taint.NoExecute, ready == "False", now);
        SetTaint(node, Unschedulable, Taint.NoSchedule, node["spec"]?["unschedulable"].AsBool() == true, now);
    }

    private static void SetTaint(JsonObject node, string key, string effect, bool wanted, string now)
    {
        var taints = node["spec"]?["taints"] as JsonArray;
        var found = taints?.OfType<JsonObject>().FirstOrDefault(t => t["key"].AsText() == key && t["effect"].AsText() == effect);
        if (wanted == found is not null)
            return;
        if (!wanted)
        {
            taints!.Remove(found);
            if (taints.Count == 0)
                (node["spec"] as JsonObject)!.Remove("taints");
            return;
        }
        if (node["spec"] is not JsonObject spec)
            node["spec"] = spec = [];
        if (spec["taints"] is not JsonArray list)
            spec["taints"] = list = [];
        list.Add((JsonNode)new JsonObject { ["key"] = key, ["effect"] = effect, ["timeAdded"] = now });
    }

    private IEnumerable<StoredObject> Pods(string node) => (_podsByNode.GetValueOrDefault(node) ?? []).ToArray()
        .Select(key => Store.Get(BuiltInResources.Pods, key.Namespace, key.Name))
        .Where(pod => pod is not null && PodState.Node(pod) == node).OfType<StoredObject>();

    private void KeepPods(StoredObject node, string now)
    {
        var evicting = Taint.Of(node).Where(t => t.Effect == Taint.NoExecute).ToArray();
        var isReady = PodState.ConditionStatus(node, "Ready") == "True";
        if (isReady && evicting.Length == 0)
            return;
        foreach (var pod in Pods(node.Name))
        {
            if (!isReady && PodState.ConditionStatus(pod, "Ready") == "True")
            {
                Store.Modify(BuiltInResources.Pods, pod.Namespace, pod.Name, p =>
                    PodConditions.Set(p, "Ready", "False", "NodeNotReady", "Node is not ready", now));
            }
            if (!pod.IsBeingDeleted && !PodState.IsFinished(pod))
                Evict(node, pod, evicting);
        }
    }

    private void Evict(StoredObject node, StoredObject pod, IEnumerable<Taint> taints)
    {
        DateTimeOffset? at = null;
        foreach (var taint in taints)
        {
            var toleration = taint.ToleratedBy(pod);
            if (toleration is not null && toleration["tolerationSeconds"].AsLong() is null)
                continue;
            var ends = toleration is null ? Now : TimeAdded(node, taint).AddSeconds(Math.Max(0, toleration["tolerationSeconds"].AsLong()!.Value));
            at = at is null || ends < at ? ends : at;
        }
        if (at is null)
            return;
        if (at > Now)
        {
            EnqueueAfter(node.Name, at.Value - Now);
            return;
        }
        _events.Normal(pod, "TaintManagerEviction", $"Marking for deletion Pod {pod.Namespace}/{pod.Name}");
        Store.Modify(BuiltInResources.Pods, pod.Namespace, pod.Name, p => PodConditions.Set(
            p, "DisruptionTarget", "True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", ObjectRules.Timestamp(Now)));
        Store.Delete(BuiltInResources.Pods, pod.Namespace, pod.Name, new StoreDeleteOptions { Uid = pod.Uid });
    }

    private DateTimeOffset TimeAdded(StoredObject node, Taint taint) =>
        (node.Body["spec"]?["taints"] as JsonArray)?.OfType<JsonObject>()
            .FirstOrDefault(t => t["key"].AsText() == taint.Key && t["effect"].AsText() == taint.Effect)?["timeAdded"].AsText() is { } text
            && DateTimeOffset.TryParse(text, out var added) ? added : Now;
}
