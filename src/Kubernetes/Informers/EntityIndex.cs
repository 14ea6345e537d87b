using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Informers;

/// <summary>Keys by a value computed from the object. A value without objects has no entry.</summary>
internal sealed class EntityIndex<T>(Func<T, IEnumerable<string>> values)
    where T : class, IKubernetesObject
{
    private readonly Dictionary<string, HashSet<EntityKey>> _keys = [];

    public int ValueCount => _keys.Count;

    public IReadOnlyCollection<EntityKey> Keys(string value) => _keys.TryGetValue(value, out var keys) ? keys : [];

    public void Add(EntityKey key, T entity)
    {
        foreach (var value in values(entity))
        {
            if (!_keys.TryGetValue(value, out var keys)) _keys[value] = keys = [];
            keys.Add(key);
        }
    }

    public void Remove(EntityKey key, T entity)
    {
        foreach (var value in values(entity))
        {
            if (_keys.TryGetValue(value, out var keys) && keys.Remove(key) && keys.Count == 0) _keys.Remove(value);
        }
    }
}
