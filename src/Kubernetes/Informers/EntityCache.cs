using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Informers;

/// <summary>Objects by key and by index. Index entries come and go with their objects.</summary>
internal sealed class EntityCache<T>(ILogger logger) : IEntityCache<T>
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
            if (index.Keys(value) is not { } keys) return [];
            var found = new T[keys.Count];
            var at = 0;
            foreach (var key in keys) found[at++] = _objects[key];
            return found;
        }
    }

    public void AddIndex(string name, Func<T, IEnumerable<string>> values)
    {
        lock (_lock)
        {
            var index = new EntityIndex<T>(values);
            if (!_indexes.TryAdd(name, index)) throw new ArgumentException($"There is already an index '{name}' over {typeof(T).Name}.", nameof(name));
            foreach (var (key, entity) in _objects) index.Set(key, ValuesOf(index, key, entity));
        }
    }

    /// <summary>Stores the object in place of the one of that name.</summary>
    public void Set(EntityKey key, T entity)
    {
        lock (_lock)
        {
            _objects[key] = entity;
            foreach (var index in _indexes.Values) index.Set(key, ValuesOf(index, key, entity));
            _snapshot = null;
        }
    }

    /// <summary>Takes the object out and returns it.</summary>
    public T? Remove(EntityKey key)
    {
        lock (_lock)
        {
            if (!_objects.Remove(key, out var previous)) return null;
            foreach (var index in _indexes.Values) index.Remove(key);
            _snapshot = null;
            return previous;
        }
    }

    public IReadOnlyList<EntityKey> Keys()
    {
        lock (_lock) return [.. _objects.Keys];
    }

    /// <summary>An object that a function cannot deal with is in no entry of that index; everything else goes on.</summary>
    private string[] ValuesOf(EntityIndex<T> index, EntityKey key, T entity)
    {
        try
        {
            return index.ValuesOf(entity);
        }
        catch (Exception e)
        {
            Log.IndexFailed(logger, e, EntityMetadata.Of<T>().PluralName, key);
            return [];
        }
    }
}
