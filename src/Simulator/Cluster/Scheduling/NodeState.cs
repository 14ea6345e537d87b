using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Scheduling;

/// <summary>A node as the scheduler sees it, with the pods bound to it.</summary>
internal sealed class NodeState(string name)
{
    private readonly Dictionary<ObjectKey, BoundPod> _pods = [];
    private readonly Dictionary<string, long> _used = new(StringComparer.Ordinal);

    public string Name { get; } = name;

    /// <summary>Null while only pods of it are known.</summary>
    public StoredObject? Node { get; private set; }
    public Dictionary<string, long> Allocatable { get; private set; } = [];
    public IReadOnlyList<Taint> Taints { get; private set; } = [];
    public bool Unschedulable { get; private set; }
    public IReadOnlyDictionary<string, long> Used => _used;
    public IEnumerable<BoundPod> Pods => _pods.Values;

    /// <summary>Pods that keep others away from more than this node; few have such rules, so that they are looked at apart.</summary>
    public int PodsWithWideAntiAffinity { get; private set; }

    /// <summary>Takes over a version of the node; tells whether it may now take pods it refused before.</summary>
    public bool Update(StoredObject? node)
    {
        var before = (Allocatable, Taints, Unschedulable, Labels: Node?.Labels, Had: Node is not null);
        Node = node;
        Allocatable = ResourceAmounts.Read(node?.Body["status"]?["allocatable"]);
        Taints = Taint.Of(node);
        Unschedulable = node?.Body["spec"]?["unschedulable"].AsBool() == true;
        return node is not null && (!before.Had || before.Unschedulable != Unschedulable || !before.Taints.SequenceEqual(Taints)
            || !Same(before.Allocatable, Allocatable) || !Same(before.Labels!, node.Labels));
    }

    public void Put(ObjectKey key, StoredObject pod)
    {
        Remove(key);
        var bound = new BoundPod(pod, ResourceAmounts.OfPod(pod.Body["spec"] as JsonObject), AntiAffinity.Of(pod));
        _pods[key] = bound;
        ResourceAmounts.Add(_used, bound.Requests);
        PodsWithWideAntiAffinity += IsWide(bound) ? 1 : 0;
    }

    public bool Remove(ObjectKey key)
    {
        if (!_pods.Remove(key, out var bound))
            return false;
        ResourceAmounts.Add(_used, bound.Requests, -1);
        PodsWithWideAntiAffinity -= IsWide(bound) ? 1 : 0;
        return true;
    }

    public bool Has(ObjectKey key) => _pods.ContainsKey(key);

    public bool IsEmpty => Node is null && _pods.Count == 0;

    private static bool IsWide(BoundPod pod) => pod.AntiAffinity.Any(term => term.TopologyKey != ClusterView.HostName);

    private static bool Same<T>(IReadOnlyDictionary<string, T> left, IReadOnlyDictionary<string, T> right) =>
        left.Count == right.Count && left.All(p => right.TryGetValue(p.Key, out var value) && Equals(p.Value, value));
}
