using System.Collections.Immutable;

namespace GpuStack.Faults.Storage;

/// <summary>
/// The truth: objects with one counter of versions over all resources, and a window of their changes. Never reorders and never loses.
/// </summary>
public sealed class VersionedStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ServedResource, EventWindow> _windows;
    private long _version = 100;

    /// <param name="window">How many changes of a resource are kept for watches that come back.</param>
    public VersionedStore(int window = 1000)
    {
        _windows = ServedResource.All.ToDictionary(resource => resource, _ => new EventWindow(window));
        Compact();
    }

    /// <summary>Called after every change, on the changer's thread.</summary>
    internal Action? Changed { get; set; }

    /// <summary>The latest version.</summary>
    public long Version
    {
        get
        {
            lock (_lock) return _version;
        }
    }

    /// <summary>The present objects of a resource, sorted by key.</summary>
    public IReadOnlyCollection<StoredObject> List(ServedResource resource)
    {
        lock (_lock) return [.. _windows[resource].Current.Values];
    }

    /// <summary>The object of that name; null when there is none.</summary>
    public StoredObject? Get(ServedResource resource, string namespaceName, string name)
    {
        lock (_lock) return _windows[resource].Current.GetValueOrDefault(StoredObject.KeyOf(namespaceName, name));
    }

    /// <summary>Creates or replaces an object; returns its new state.</summary>
    public StoredObject Put(ServedResource resource, string namespaceName, string name, string value, IReadOnlyDictionary<string, string>? labels = null)
    {
        StoredObject entity;
        lock (_lock)
        {
            var window = _windows[resource];
            var previous = window.Current.GetValueOrDefault(StoredObject.KeyOf(namespaceName, name));
            var version = ++_version;
            entity = StoredObject.Create(resource, namespaceName, name, previous?.Created ?? version, version, labels ?? previous?.Labels ?? ImmutableDictionary<string, string>.Empty, value);
            window.Add(new StoreEvent(version, entity, previous, IsDeletion: false, window.Current.SetItem(entity.Key, entity)));
        }

        Changed?.Invoke();
        return entity;
    }

    /// <summary>Deletes an object; false when there is none.</summary>
    public bool Delete(ServedResource resource, string namespaceName, string name)
    {
        lock (_lock)
        {
            var window = _windows[resource];
            if (window.Current.GetValueOrDefault(StoredObject.KeyOf(namespaceName, name)) is not { } previous) return false;
            var version = ++_version;
            var last = StoredObject.Copy(resource, previous, version);
            window.Add(new StoreEvent(version, last, previous, IsDeletion: true, window.Current.Remove(previous.Key)));
        }

        Changed?.Invoke();
        return true;
    }

    /// <summary>Forgets every change: whoever comes back from an older version is expired.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            foreach (var window in _windows.Values) window.Compact(_version);
        }
    }

    /// <summary>A state that is not older than <paramref name="notOlderThan"/> and up to <paramref name="lag"/> changes old, as a server's cache may be.</summary>
    internal (long Version, ImmutableSortedDictionary<string, StoredObject> Objects) Snapshot(ServedResource resource, long notOlderThan, int lag)
    {
        lock (_lock)
        {
            var window = _windows[resource];
            if (lag == 0) return (_version, window.Current);
            var version = Math.Max(window.VersionBack(lag), notOlderThan);
            return window.At(version) is { } objects ? (version, objects) : (_version, window.Current);
        }
    }

    /// <summary>The state at a version; null when it is no longer known.</summary>
    internal ImmutableSortedDictionary<string, StoredObject>? At(ServedResource resource, long version)
    {
        lock (_lock) return _windows[resource].At(version);
    }

    /// <summary>
    /// The changes after a version, and the version up to which they tell everything; null when they are no longer known.
    /// </summary>
    internal long? Read(ServedResource resource, long after, int most, List<StoreEvent> into)
    {
        lock (_lock)
        {
            if (!_windows[resource].Read(after, most, into)) return null;
            return into.Count == most ? into[^1].Version : _version;
        }
    }

    /// <summary>The oldest version that a watch may start from.</summary>
    internal long Oldest(ServedResource resource)
    {
        lock (_lock) return _windows[resource].Oldest;
    }
}
