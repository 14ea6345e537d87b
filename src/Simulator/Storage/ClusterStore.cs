using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace GpuStack.Simulator.Storage;

/// <summary>
/// The state of a simulated cluster: what etcd and the generic registry are to a real one. REST handlers and simulated
/// controllers share it.
/// <para>
/// Every write takes one lock, gets the next resourceVersion of the whole cluster, and is posted to the watchers before the lock
/// is left: so watch events are in order and none is missed between a list and a watch from its version. Readers take immutable
/// snapshots and never wait. Objects given to the store belong to it; objects it hands out are read only
/// (<see cref="StoredObject.ToMutable"/> copies).
/// </para>
/// <para>
/// The store knows metadata, optimistic locking, status as a part of its own, finalizers, grace periods and namespaces. Schemas,
/// admission and field ownership are the API server's work; deleting what an object owned is the garbage collector's, emptying a
/// terminating namespace the namespace controller's.
/// </para>
/// </summary>
public sealed class ClusterStore
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<ResourceKey, ResourceTable> _tables = new();
    private readonly TimeProvider _time;
    private readonly int _historyLength;
    private long _resourceVersion;

    /// <summary>Makes a cluster with the built-in resources and the four namespaces that every cluster has.</summary>
    /// <param name="time">The clock of creation and deletion times.</param>
    /// <param name="historyLength">Changes kept a resource for watches that start in the past.</param>
    public ClusterStore(TimeProvider time, int historyLength = 8192)
    {
        _time = time;
        _historyLength = historyLength;
        foreach (var definition in BuiltInResources.All)
            Register(definition);
        foreach (var name in (string[])["default", "kube-node-lease", "kube-public", "kube-system"])
            Create(BuiltInResources.Namespaces, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });
    }

    /// <summary>The version of the newest change.</summary>
    public long ResourceVersion => Interlocked.Read(ref _resourceVersion);

    /// <summary>The clock.</summary>
    public TimeProvider Time => _time;

    /// <summary>Held by those who count what is there before they create more of it.</summary>
    internal Lock Quotas { get; } = new();

    /// <summary>The resources known now.</summary>
    public IEnumerable<ResourceDefinition> Definitions => _tables.Values.Select(table => table.Definition);

    /// <summary>Adds a resource (of a CustomResourceDefinition); again with the same key keeps the one there.</summary>
    public void Register(ResourceDefinition definition) => _tables.TryAdd(definition.Key, new ResourceTable(definition, _historyLength));

    /// <summary>Removes a resource with all its objects, and ends its watches.</summary>
    public void Unregister(ResourceKey resource)
    {
        lock (_gate)
        {
            if (_tables.TryRemove(resource, out var table))
                table.DetachAll();
        }
    }

    /// <summary>The object, or null.</summary>
    public StoredObject? Get(ResourceKey resource, string? @namespace, string name) => Table(resource).Find(@namespace, name);

    /// <summary>Whether there is any object of a resource in a namespace.</summary>
    internal bool Holds(ResourceKey resource, string @namespace) => Table(resource).Holds(@namespace);

    /// <summary>All objects of a resource, or of one namespace.</summary>
    public StoreList List(ResourceKey resource, string? @namespace = null)
    {
        lock (_gate)
            return new StoreList(Table(resource).List(@namespace), _resourceVersion);
    }

    /// <summary>Creates an object: uid, creationTimestamp, generation 1 and resourceVersion are set here.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="body">With <c>metadata.name</c> and, where namespaced, <c>metadata.namespace</c>. The store keeps it.</param>
    /// <exception cref="StoreException">Exists already; no such namespace, or it is terminating; no name.</exception>
    public StoredObject Create(ResourceKey resource, JsonObject body)
    {
        var table = Table(resource);
        ObjectRules.PrepareNew(table.Definition, body, Now());
        var name = (string)body["metadata"]!["name"]!;
        var @namespace = (string?)body["metadata"]!["namespace"];
        // A guess of the right length: the version is known under the lock, and nothing but digits is to be exchanged there.
        body["metadata"]!["resourceVersion"] = Text(ResourceVersion + 1);
        var text = new ObjectText(body);
        lock (_gate)
        {
            if (@namespace is not null)
                RequireNamespace(@namespace, resource, name);
            if (table.Find(@namespace, name) is not null)
                throw new StoreException(StoreFailure.AlreadyExists, resource, name, $"{resource} \"{name}\" already exists");
            var created = new StoredObject(table.Definition, text, NextVersion());
            table.Put(created, previous: null);
            return created;
        }
    }

    /// <summary>
    /// Replaces an object except its status, where the resource keeps that apart. Stale when <c>metadata.resourceVersion</c> is
    /// set and not the current one. Without a change nothing is written and the current version is returned. Taking the last
    /// finalizer off an object that is being deleted removes it.
    /// </summary>
    /// <exception cref="StoreException">Not found, or modified since.</exception>
    public StoredObject Update(ResourceKey resource, JsonObject body) => Write(resource, body, (current, next) =>
    {
        if (!current.Definition.HasStatus)
            return next;
        next.Remove("status");
        if (current.Body["status"] is { } status)
            next["status"] = status.DeepClone();
        return next;
    });

    /// <summary>Replaces nothing but the status. Stale and unchanged as with <see cref="Update"/>.</summary>
    /// <exception cref="StoreException">Not found, or modified since.</exception>
    public StoredObject UpdateStatus(ResourceKey resource, JsonObject body) => Write(resource, body, (current, next) =>
    {
        var changed = current.ToMutable();
        changed["status"] = next["status"]?.DeepClone();
        if (changed["status"] is null)
            changed.Remove("status");
        return changed;
    });

    /// <summary>Reads, changes and writes an object (spec and status) until no other writer came between.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="namespace">Its namespace, null for cluster-scoped ones.</param>
    /// <param name="name">Its name.</param>
    /// <param name="change">Changes a copy; may run more than once.</param>
    /// <returns>The version written (the last state when it took the last finalizer off), or null when there is no such object.</returns>
    public StoredObject? Modify(ResourceKey resource, string? @namespace, string name, Action<JsonObject> change)
    {
        while (Get(resource, @namespace, name) is { } current)
        {
            var next = current.ToMutable();
            change(next);
            if (TryReplace(current, next, out var written))
                return written;
        }

        return null;
    }

    /// <summary>As <see cref="Modify"/>, but nothing except the status is taken over: what is not changed is not compared or written anew.</summary>
    internal StoredObject? ModifyStatus(ResourceKey resource, string? @namespace, string name, Action<JsonObject> change)
    {
        while (Get(resource, @namespace, name) is { } current)
        {
            var next = current.ToMutable();
            change(next);
            var status = next["status"] is { } given ? JsonText.ToUtf8(given) : [];
            if (current.HasStatus(status))
            {
                if (IsCurrent(current))
                    return current;
                continue;
            }
            lock (_gate)
            {
                if (!IsCurrent(current))
                    continue;
                var written = current.WithStatus(status, NextVersion());
                Table(resource).Put(written, current);
                return written;
            }
        }

        return null;
    }

    /// <summary>
    /// Deletes an object: at once, or by marking it where finalizers, <see cref="StoreDeleteOptions.Propagation"/> or a pod's grace
    /// period ask for it. The kubelet confirms the end of a pod by deleting it with grace period 0.
    /// </summary>
    /// <exception cref="StoreException">Not found, or a precondition does not hold.</exception>
    public StoreDeletion Delete(ResourceKey resource, string? @namespace, string name, StoreDeleteOptions? options = null)
    {
        options ??= new StoreDeleteOptions();
        while (true)
        {
            var current = Get(resource, @namespace, name) ?? throw StoreException.Missing(resource, name);
            DeletionRules.CheckPreconditions(current, options);
            var marked = DeletionRules.Mark(current, options, _time.GetUtcNow());
            var text = marked is null ? null : new ObjectText(marked);
            var isMarked = text is not null && current.IsSame(text);
            lock (_gate)
            {
                if (!IsCurrent(current))
                    continue;
                if (text is null)
                    return new StoreDeletion(Remove(current, current.ToMutable()), Gone: true);
                return new StoreDeletion(isMarked ? current : Commit(current, text), Gone: false);
            }
        }
    }

    /// <summary>
    /// The version up to which every change has been posted to its watchers: a watcher that reads it first and then what is posted
    /// has seen all changes up to it.
    /// </summary>
    internal long PostedVersion
    {
        get
        {
            lock (_gate)
                return _resourceVersion;
        }
    }

    /// <summary>Watches a resource from now on, with a list of what is there.</summary>
    public StoreWatch Watch(ResourceKey resource, string? @namespace = null) => Watch(resource, @namespace, null, int.MaxValue);

    /// <summary>Watches a resource: every change after <paramref name="fromResourceVersion"/>.</summary>
    /// <exception cref="StoreException">Expired: the history does not reach back so far.</exception>
    public StoreWatch Watch(ResourceKey resource, string? @namespace, long fromResourceVersion) =>
        Watch(resource, @namespace, fromResourceVersion, int.MaxValue);

    /// <summary>Watches a resource, from now on or from a version.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="namespace">The namespace, null for all.</param>
    /// <param name="from">The version after which changes are sent; null for a list, and the changes after it.</param>
    /// <param name="limit">A watcher this many changes behind is cut off: <see cref="StoreWatch.Events"/> ends after what it holds.</param>
    internal StoreWatch Watch(ResourceKey resource, string? @namespace, long? from, int limit)
    {
        var table = Table(resource);
        lock (_gate)
        {
            if (from < table.LostUpTo)
                throw StoreException.TooOld(resource, from.Value, table.LostUpTo);
            var initial = from is null ? new StoreList(table.List(@namespace), _resourceVersion) : new StoreList([], from.Value);
            var watch = new StoreWatch(@namespace, initial, initial.ResourceVersion, limit, Detach(table));
            table.Attach(watch);
            return watch;
        }
    }

    /// <summary>Forgets all past changes, as a compaction does: watches from before now are answered with Expired.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            foreach (var table in _tables.Values)
                table.ForgetHistory(_resourceVersion);
        }
    }

    /// <summary>Puts <paramref name="next"/> in the place of <paramref name="current"/> unless another writer was faster.</summary>
    /// <param name="current">The version that <paramref name="next"/> was made of.</param>
    /// <param name="next">The next version; the store keeps it.</param>
    /// <param name="written">The version stored; <paramref name="current"/> when nothing changed.</param>
    internal bool TryReplace(StoredObject current, JsonObject next, out StoredObject written)
    {
        written = current;
        ObjectRules.KeepIdentity(current, next);
        var text = new ObjectText(next);
        if (current.IsSame(text))
            return IsCurrent(current);
        if (ObjectRules.CountGeneration(current, text, next))
            text = new ObjectText(next);
        lock (_gate)
        {
            if (!IsCurrent(current))
                return false;
            written = DeletionRules.IsComplete(current.Definition, next) ? Remove(current, next) : Commit(current, text);
            return true;
        }
    }

    private StoredObject Write(ResourceKey resource, JsonObject body, Func<StoredObject, JsonObject, JsonObject> merge)
    {
        var name = (string?)body["metadata"]?["name"] ?? "";
        var expected = (string?)body["metadata"]?["resourceVersion"];
        while (true)
        {
            var current = Get(resource, (string?)body["metadata"]?["namespace"], name) ?? throw StoreException.Missing(resource, name);
            if (expected is not null && !string.Equals(expected, Text(current.ResourceVersion), StringComparison.Ordinal))
                throw StoreException.Stale(resource, name);
            if (TryReplace(current, merge(current, (JsonObject)body.DeepClone()), out var written))
                return written;
        }
    }

    private StoredObject Commit(StoredObject current, ObjectText next)
    {
        var stored = new StoredObject(current.Definition, next, NextVersion());
        Table(current.Definition.Key).Put(stored, current);
        return stored;
    }

    /// <summary>Watchers see the deletion's resourceVersion; the caller is shown the object's last own one.</summary>
    private StoredObject Remove(StoredObject current, JsonObject last)
    {
        var shown = new StoredObject(current.Definition, last, current.ResourceVersion);
        Table(current.Definition.Key).Remove(new StoredObject(current.Definition, last, NextVersion()), current);
        return shown;
    }

    private long NextVersion() => Interlocked.Increment(ref _resourceVersion);

    private bool IsCurrent(StoredObject version) =>
        _tables.TryGetValue(version.Definition.Key, out var table) && ReferenceEquals(table.Find(version.Namespace, version.Name), version);

    private void RequireNamespace(string @namespace, ResourceKey resource, string name)
    {
        var found = Table(BuiltInResources.Namespaces).Find(null, @namespace) ?? throw new StoreException(
            StoreFailure.NamespaceNotFound, BuiltInResources.Namespaces, @namespace, $"namespaces \"{@namespace}\" not found");
        if (found.IsBeingDeleted)
        {
            throw new StoreException(
                StoreFailure.NamespaceTerminating, resource, name,
                $"{resource} \"{name}\" is forbidden: unable to create new content in namespace {@namespace} because it is being terminated");
        }
    }

    private Action<StoreWatch> Detach(ResourceTable table) => watch =>
    {
        lock (_gate)
        {
            table.Detach(watch);
            watch.Complete();
        }
    };

    private ResourceTable Table(ResourceKey resource) => _tables.TryGetValue(resource, out var table)
        ? table
        : throw new StoreException(StoreFailure.NotFound, resource, null, "the server could not find the requested resource");

    private string Now() => ObjectRules.Timestamp(_time.GetUtcNow());

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);
}
