using System.Collections.Concurrent;

namespace GpuStack.Simulator.Cluster.Nodes;

/// <summary>Which nodes are down; set by the cluster's user, read by kubelets and the node lifecycle.</summary>
internal sealed class NodePower
{
    private readonly ConcurrentDictionary<string, (DateTimeOffset Since, NodeFailure Failure)> _down = new(StringComparer.Ordinal);

    /// <summary>Whether its kubelet says nothing, for whatever reason.</summary>
    public bool IsDown(string node) => _down.ContainsKey(node);

    /// <summary>Whether nothing runs on it.</summary>
    public bool IsOff(string node) => _down.TryGetValue(node, out var down) && down.Failure == NodeFailure.PowerLost;

    public DateTimeOffset? DownSince(string node) => _down.TryGetValue(node, out var down) ? down.Since : null;

    public void TakeDown(string node, NodeFailure failure, DateTimeOffset now) => _down.TryAdd(node, (now, failure));

    /// <summary>Whether it was off.</summary>
    public bool BringUp(string node) => _down.TryRemove(node, out var down) && down.Failure == NodeFailure.PowerLost;
}
