using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Garbage;

/// <summary>
/// Deletes objects all of whose owners are gone. An owner deleted in the foreground waits for the dependents that block
/// it; one deleted with orphans has its references taken off them first. Keys are owners' uids.
/// </summary>
internal sealed class GarbageCollector(ClusterStore store) : ControlLoop<string>(store)
{
    private const string ForegroundFinalizer = "foregroundDeletion";
    private const string OrphanFinalizer = "orphan";

    private readonly Dictionary<string, StoredObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _dependents = new(StringComparer.Ordinal);
    private readonly HashSet<ResourceKey> _known = [];
    private CancellationToken _stopping;

    protected override IEnumerable<ResourceKey> Watched
    {
        get
        {
            var definitions = Store.Definitions.Select(d => d.Key).Where(k => k != BuiltInResources.Events).ToArray();
            _known.UnionWith(definitions);
            return definitions;
        }
    }

    public Task RunUntilAsync(CancellationToken cancellationToken)
    {
        _stopping = cancellationToken;
        return RunAsync(cancellationToken);
    }

    protected override void Observe(StoreEvent change)
    {
        if (change.Object.Definition.Key == BuiltInResources.CustomResourceDefinitions)
            WatchNewResources();
        var uid = change.Object.Uid;
        if (change.Type == StoreEventType.Modified && !change.Object.IsBeingDeleted && change.IsSameAt("metadata", "ownerReferences") && _objects.ContainsKey(uid))
        {
            _objects[uid] = change.Object;
            return;
        }
        foreach (var owner in Owners(change.Previous ?? _objects.GetValueOrDefault(uid)))
        {
            if (_dependents.TryGetValue(owner, out var former) && former.Remove(uid) && former.Count == 0)
                _dependents.Remove(owner);
            Enqueue(owner);
        }
        if (change.Type == StoreEventType.Deleted)
        {
            _objects.Remove(uid);
            Enqueue(uid);
            return;
        }
        _objects[uid] = change.Object;
        foreach (var owner in Owners(change.Object))
        {
            if (!_dependents.TryGetValue(owner, out var dependents))
                _dependents[owner] = dependents = new HashSet<string>(StringComparer.Ordinal);
            dependents.Add(uid);
            // An owner that never was is as good as one that is gone.
            Enqueue(owner);
        }
        if (change.Object.IsBeingDeleted)
            Enqueue(uid);
    }

    protected override void Reconcile(string key)
    {
        if (!_objects.TryGetValue(key, out var owner))
        {
            foreach (var dependent in Dependents(key))
                CollectUnlessOwned(dependent);
            return;
        }
        if (!owner.IsBeingDeleted)
            return;
        if (HasFinalizer(owner, OrphanFinalizer))
        {
            foreach (var dependent in Dependents(key))
                Release(dependent, key);
            RemoveFinalizer(owner, OrphanFinalizer);
        }
        else if (HasFinalizer(owner, ForegroundFinalizer))
        {
            var dependents = Dependents(key);
            foreach (var dependent in dependents.Where(d => !d.IsBeingDeleted))
                Delete(dependent, Propagation.Foreground);
            if (!dependents.Any(d => Blocks(d, key)))
                RemoveFinalizer(owner, ForegroundFinalizer);
        }
    }

    private void WatchNewResources()
    {
        foreach (var definition in Store.Definitions.Where(d => d.Key != BuiltInResources.Events && _known.Add(d.Key)).ToArray())
            Attach(definition.Key, _stopping);
    }

    private StoredObject[] Dependents(string owner) =>
        (_dependents.GetValueOrDefault(owner) ?? []).Select(uid => _objects.GetValueOrDefault(uid)).OfType<StoredObject>().ToArray();

    private void CollectUnlessOwned(StoredObject dependent)
    {
        if (!dependent.IsBeingDeleted && !OwnerReferences.Of(dependent).Any(o => IsAlive(o, dependent)))
            Delete(dependent, Propagation.Background);
    }

    /// <summary>
    /// Resources come through different watches, so an owner that is unseen here may yet exist: the store is asked.
    /// </summary>
    private bool IsAlive(JsonElement reference, StoredObject dependent)
    {
        var apiVersion = reference.At("apiVersion").AsText() ?? "";
        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion[..apiVersion.IndexOf('/', StringComparison.Ordinal)] : "";
        var definition = Store.Definitions.FirstOrDefault(d => d.Key.Group == group && reference.At("kind").Is(d.Kind));
        return definition is not null && reference.At("name").AsText() is { Length: > 0 } name
            && Store.Get(definition.Key, definition.Namespaced ? dependent.Namespace : null, name)?.Uid == reference.At("uid").AsText();
    }

    private void Delete(StoredObject dependent, Propagation propagation)
    {
        try
        {
            Store.Delete(dependent.Definition.Key, dependent.Namespace, dependent.Name,
                new StoreDeleteOptions { Uid = dependent.Uid, Propagation = _dependents.ContainsKey(dependent.Uid) ? propagation : Propagation.Background });
        }
        catch (StoreException)
        {
            // Gone already; its event follows.
        }
    }

    private void Release(StoredObject dependent, string owner) =>
        Store.Modify(dependent.Definition.Key, dependent.Namespace, dependent.Name, d =>
        {
            if (d["metadata"]?["ownerReferences"] is not JsonArray owners)
                return;
            foreach (var reference in owners.OfType<JsonObject>().Where(o => o["uid"].AsText() == owner).ToArray())
                owners.Remove(reference);
            if (owners.Count == 0)
                (d["metadata"] as JsonObject)!.Remove("ownerReferences");
        });

    private static bool Blocks(StoredObject dependent, string owner) =>
        OwnerReferences.Of(dependent).Any(o => o.At("uid").Is(owner) && o.At("blockOwnerDeletion").ValueKind == JsonValueKind.True);

    private static IEnumerable<string> Owners(StoredObject? stored) =>
        stored is null ? [] : OwnerReferences.Of(stored).Select(o => o.At("uid").AsText() ?? "").Where(u => u.Length > 0);

    private static bool HasFinalizer(StoredObject stored, string finalizer) =>
        (stored.Metadata["finalizers"] as JsonArray)?.Any(f => f.AsText() == finalizer) == true;

    private void RemoveFinalizer(StoredObject stored, string finalizer) =>
        Store.Modify(stored.Definition.Key, stored.Namespace, stored.Name, o =>
        {
            if (o["metadata"]?["uid"].AsText() != stored.Uid || o["metadata"]?["finalizers"] is not JsonArray finalizers)
                return;
            if (finalizers.FirstOrDefault(f => f.AsText() == finalizer) is { } found)
                finalizers.Remove(found);
            if (finalizers.Count == 0)
                (o["metadata"] as JsonObject)!.Remove("finalizers");
        });
}
