using System.Collections.Concurrent;
using GpuStack.Simulator.Cluster.Control;

namespace GpuStack.Simulator.Cluster.Engines;

/// <summary>The supervised engines of all pods; written by the kubelets, read by the pod network.</summary>
internal sealed class EngineDirectory
{
    private readonly ConcurrentDictionary<ObjectKey, EngineEntry> _engines = new();

    public EngineEntry? Find(ObjectKey pod) => _engines.GetValueOrDefault(pod);

    public void Set(ObjectKey pod, EngineEntry engine) => _engines[pod] = engine;

    public void Remove(ObjectKey pod) => _engines.TryRemove(pod, out _);
}
