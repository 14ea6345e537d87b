using System.Collections.Concurrent;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>
/// The last state of objects that are gone and were not yet let go of. Written in the order of the informer's events, so
/// that it never holds a key that exists again.
/// </summary>
internal sealed class Tombstones<T>
    where T : class, IKubernetesObject
{
    private readonly ConcurrentDictionary<EntityKey, T> _last = new();

    public int Count => _last.Count;

    public void Observe(EntityKey key, InformerEvent<T> change)
    {
        if (change.Type == InformerEventType.Deleted) _last[key] = change.Object;
        else _last.TryRemove(key, out _);
    }

    public T? Get(EntityKey key) => _last.GetValueOrDefault(key);

    /// <summary>Lets go of the state that was handled; a later one, of an object that came and went meanwhile, stays.</summary>
    public void Remove(EntityKey key, T handled) => _last.TryRemove(new KeyValuePair<EntityKey, T>(key, handled));

    public void Clear() => _last.Clear();
}
