using System.Collections.Immutable;

using NamedObjects = System.Collections.Immutable.ImmutableSortedDictionary<string, GpuStack.Simulator.Storage.StoredObject>;

namespace GpuStack.Simulator.Storage;

/// <summary>
/// The objects of one resource, its recent changes and its watchers. Writers hold the store's lock; readers take the immutable
/// root and need none.
/// </summary>
internal sealed class ResourceTable(ResourceDefinition definition, int historyLength)
{
    private static readonly NamedObjects NoObjects = NamedObjects.Empty.WithComparers(StringComparer.Ordinal);

    private readonly Queue<StoreEvent> _history = new();
    private ImmutableArray<StoreWatch> _watches = [];
    private volatile ImmutableSortedDictionary<string, NamedObjects> _root =
        ImmutableSortedDictionary<string, NamedObjects>.Empty.WithComparers(StringComparer.Ordinal);

    public ResourceDefinition Definition { get; } = definition;

    /// <summary>The newest change that the history has lost: a watch must start at it or later.</summary>
    public long LostUpTo { get; private set; }

    public StoredObject? Find(string? @namespace, string name) =>
        _root.TryGetValue(@namespace ?? "", out var objects) && objects.TryGetValue(name, out var found) ? found : null;

    public bool Holds(string @namespace) => _root.ContainsKey(@namespace);

    public IReadOnlyList<StoredObject> List(string? @namespace)
    {
        var root = _root;
        if (@namespace is not null)
            return root.TryGetValue(@namespace, out var objects) ? [.. objects.Values] : [];
        var all = new List<StoredObject>(root.Values.Sum(objects => objects.Count));
        foreach (var objects in root.Values)
            all.AddRange(objects.Values);
        return all;
    }

    public void Put(StoredObject added, StoredObject? previous)
    {
        var scope = added.Namespace ?? "";
        var objects = _root.GetValueOrDefault(scope, NoObjects);
        _root = _root.SetItem(scope, objects.SetItem(added.Name, added));
        Publish(new StoreEvent(previous is null ? StoreEventType.Added : StoreEventType.Modified, added, previous));
    }

    public void Remove(StoredObject removed, StoredObject previous)
    {
        var scope = removed.Namespace ?? "";
        var objects = _root.GetValueOrDefault(scope, NoObjects).Remove(removed.Name);
        _root = objects.IsEmpty ? _root.Remove(scope) : _root.SetItem(scope, objects);
        Publish(new StoreEvent(StoreEventType.Deleted, removed, previous));
    }

    public void Attach(StoreWatch watch)
    {
        foreach (var change in _history)
            watch.Post(change);
        _watches = _watches.Add(watch);
    }

    public void Detach(StoreWatch watch) => _watches = _watches.Remove(watch);

    public void DetachAll()
    {
        foreach (var watch in _watches)
            watch.Complete();
        _watches = [];
    }

    public void ForgetHistory(long upTo)
    {
        _history.Clear();
        LostUpTo = upTo;
    }

    private void Publish(StoreEvent change)
    {
        _history.Enqueue(change);
        if (_history.Count > historyLength)
            LostUpTo = _history.Dequeue().Object.ResourceVersion;
        foreach (var watch in _watches)
            watch.Post(change);
    }
}
