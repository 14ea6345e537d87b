using System.Collections.Concurrent;

namespace GpuStack.Simulator.Cluster.Nodes;

/// <summary>Which nodes are down; set by the cluster's user, read by kubelets and the node lifecycle.</summary>
internal sealed class NodePower
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _down = new(StringComparer.Ordinal);

    public bool IsDown(string node) => _down.ContainsKey(node);

    public DateTimeOffset? DownSince(string node) => _down.TryGetValue(node, out var since) ? since : null;

    public void TakeDown(string node, DateTimeOffset now) => _down.TryAdd(node, now);

    public void BringUp(string node) => _down.TryRemove(node, out _);
}
