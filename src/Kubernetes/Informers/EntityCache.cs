using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Informers;

/// <summary>Objects by key and by index. Index entries come and go with their objects.</summary>
internal sealed class EntityCache<T> : IEntityCache<T>
    where T : class, IKubernetesObject
{
    private readonly Lock _lock = new();
    private readonly Dictionary<EntityKey, T> _objects = [];
    private readonly Dictionary<string, EntityIndex<T>> _indexes = [];
    private T[]? _snapshot;

    public int Count
    {
        get
        {
            lock (_lock) return _objects.Count;
        }
    }

    public T? Get(EntityKey key)
    {
        lock (_lock) return _objects.GetValueOrDefault(key);
    }

    public IReadOnlyList<T> List()
    {
        lock (_lock) return _snapshot ??= [.. _objects.Values];
    }

    public IReadOnlyList<T> ListByIndex(string indexName, string value)
    {
        lock (_lock)
        {
            if (!_indexes.TryGetValue(indexName, out var index)) throw new ArgumentException($"There is no index '{indexName}' over {typeof(T).Name}.", nameof(indexName));
            return [.. index.Keys(value).Select(key => _objects[key])];
        }
    }

    public void AddIndex(string name, Func<T, IEnumerable<string>> values)
    {
        lock (_lock)
        {
            var index = new EntityIndex<T>(values);
            if (!_indexes.TryAdd(name, index)) throw new ArgumentException($"There is already an index '{name}' over {typeof(T).Name}.", nameof(name));
            foreach (var (key, entity) in _objects) index.Add(key, entity);
        }
    }

    /// <summary>Stores the object and returns the one it replaces.</summary>
    public T? Set(EntityKey key, T entity)
    {
        lock (_lock)
        {
            var previous = _objects.GetValueOrDefault(key);
            foreach (var index in _indexes.Values)
            {
                if (previous is not null) index.Remove(key, previous);
                index.Add(key, entity);
            }

            _objects[key] = entity;
            _snapshot = null;
            return previous;
        }
    }

    /// <summary>Takes the object out and returns it.</summary>
    public T? Remove(EntityKey key)
    {
        lock (_lock)
        {
            if (!_objects.Remove(key, out var previous)) return null;
            foreach (var index in _indexes.Values) index.Remove(key, previous);
            _snapshot = null;
            return previous;
        }
    }

    public IReadOnlyList<EntityKey> Keys()
    {
        lock (_lock) return [.. _objects.Keys];
    }
}
