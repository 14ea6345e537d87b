using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Scheduling;

/// <summary>All nodes with their pods, kept up to date from events.</summary>
internal sealed class ClusterView
{
    public const string HostName = "kubernetes.io/hostname";

    private readonly Dictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, string> _nodeOfPod = [];
    private readonly HashSet<NodeState> _withWideAntiAffinity = [];

    /// <summary>Nodes that exist.</summary>
    public IEnumerable<NodeState> Nodes => _nodes.Values.Where(n => n.Node is not null);

    public int NodeCount { get; private set; }

    /// <summary>Nodes with pods that keep others away from more than their own node.</summary>
    public IReadOnlyCollection<NodeState> NodesWithWideAntiAffinity => _withWideAntiAffinity;

    public NodeState? Find(string name) => _nodes.GetValueOrDefault(name) is { Node: not null } node ? node : null;

    /// <summary>The nodes that share a topology label's value with one.</summary>
    public IEnumerable<NodeState> NodesOf(string topologyKey, NodeState node)
    {
        if (node.Node is null || !node.Node.Labels.TryGetValue(topologyKey, out var value))
            return [];
        return topologyKey == HostName ? [node] : Nodes.Where(n => n.Node!.Labels.GetValueOrDefault(topologyKey) == value);
    }

    /// <summary>Takes over a node's version; true when waiting pods should be tried again.</summary>
    public bool ObserveNode(StoreEvent change)
    {
        var state = State(change.Object.Name);
        NodeCount -= state.Node is null ? 0 : 1;
        var changed = state.Update(change.Type == StoreEventType.Deleted ? null : change.Object);
        NodeCount += state.Node is null ? 0 : 1;
        Forget(state);
        return changed;
    }

    /// <summary>Takes over a pod's version; true when it freed its place.</summary>
    public bool ObservePod(StoreEvent change)
    {
        var key = ObjectKey.Of(change.Object);
        var node = change.Type == StoreEventType.Deleted || PodState.IsFinished(change.Object) ? null : PodState.Node(change.Object);
        if (node is null)
            return Release(key);
        Assume(key, change.Object, node);
        return false;
    }

    /// <summary>Counts a pod on a node, before the watch tells so.</summary>
    public void Assume(ObjectKey key, StoredObject pod, string node)
    {
        if (_nodeOfPod.TryGetValue(key, out var before) && before == node && State(node).Has(key))
            return;
        Release(key);
        var state = State(node);
        state.Put(key, pod);
        _nodeOfPod[key] = node;
        if (state.PodsWithWideAntiAffinity > 0)
            _withWideAntiAffinity.Add(state);
    }

    private bool Release(ObjectKey key)
    {
        if (!_nodeOfPod.Remove(key, out var name))
            return false;
        var state = State(name);
        state.Remove(key);
        if (state.PodsWithWideAntiAffinity == 0)
            _withWideAntiAffinity.Remove(state);
        Forget(state);
        return true;
    }

    private NodeState State(string name)
    {
        if (!_nodes.TryGetValue(name, out var state))
            _nodes[name] = state = new NodeState(name);
        return state;
    }

    private void Forget(NodeState state)
    {
        if (state.IsEmpty)
            _nodes.Remove(state.Name);
    }
}
