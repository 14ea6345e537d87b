using System.Collections.Concurrent;
using GpuStack.Operator.Objects;
using GpuStack.Simulator;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>Counts the pods that are made and the engines that are started, by deployment.</summary>
internal sealed class RestartCount : IDisposable
{
    private readonly ConcurrentDictionary<string, Restarts> _counts = new(StringComparer.Ordinal);
    private readonly SimulatedCluster _cluster;
    private readonly StoreWatch _watch;

    public RestartCount(SimulatedCluster cluster)
    {
        _cluster = cluster;
        _watch = cluster.Store.Watch(BuiltInResources.Pods);
        cluster.Pods.EngineStarted = (_, pod) => Add(pod[..pod.IndexOf('-', StringComparison.Ordinal)], new Restarts(0, 1));
    }

    /// <summary>What was counted since the last call.</summary>
    public IReadOnlyDictionary<string, Restarts> Take()
    {
        while (_watch.Events.TryRead(out var change))
        {
            if (change.Type == StoreEventType.Added && change.Object.Labels.GetValueOrDefault(GroupLabels.Deployment) is { } deployment)
                Add(deployment, new Restarts(1, 0));
        }
        var taken = new Dictionary<string, Restarts>(StringComparer.Ordinal);
        foreach (var deployment in _counts.Keys)
        {
            if (_counts.TryRemove(deployment, out var count))
                taken[deployment] = count;
        }
        return taken;
    }

    public void Dispose()
    {
        _cluster.Pods.EngineStarted = null;
        _watch.Dispose();
    }

    private void Add(string deployment, Restarts more) => _counts.AddOrUpdate(deployment, more, (_, count) => count + more);
}
