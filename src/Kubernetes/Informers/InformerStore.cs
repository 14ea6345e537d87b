using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Informers;

/// <summary>
/// The cache and the handlers of an informer: what enters the one is told to the others, in the same order and as the same objects.
/// </summary>
/// <remarks>
/// An object's life is told as one: added, updated, deleted. A namesake with another uid is another object, so the deletion of the first,
/// which was missed, is told before the addition of the second. Objects are never changed once they are cached.
/// </remarks>
internal sealed class InformerStore<T>(Action<T>? trim, ILogger logger)
    where T : class, IKubernetesObject
{
    private readonly EntityMetadata _metadata = EntityMetadata.Of<T>();

    // Guards the order of what handlers see: an event, a resync and a late handler's replay never interleave.
    private readonly Lock _dispatch = new();
    private Subscription[] _subscriptions = [];

    // The scopes whose first objects have come.
    private readonly HashSet<string> _replaced = new(StringComparer.Ordinal);

    public EntityCache<T> Cache { get; } = new(logger);

    /// <summary>Tells the handler what is cached, and from then on every change. Disposing the result ends that at once.</summary>
    public IDisposable Subscribe(Action<InformerEvent<T>> handler)
    {
        var subscription = new Subscription(this, handler);
        lock (_dispatch)
        {
            foreach (var entity in Cache.List()) Call(subscription, new InformerEvent<T>(InformerEventType.Added, entity, IsInitial: true));
            _subscriptions = [.. _subscriptions, subscription];
        }

        return subscription;
    }

    /// <summary>
    /// The cache becomes exactly these objects, as far as the scope goes. When it is cancelled in between, it holds some of them and some of
    /// the old ones.
    /// </summary>
    /// <param name="scope">The namespace of the objects; null for all.</param>
    /// <param name="entities">The objects.</param>
    /// <param name="cancellationToken">Ends it in between.</param>
    public void Replace(string? scope, IReadOnlyCollection<T> entities, CancellationToken cancellationToken)
    {
        lock (_dispatch)
        {
            var initial = !_replaced.Contains(scope ?? "");
            var gone = Cache.Keys().Where(key => scope is null || key.Namespace == scope).ToHashSet();
            var unfit = 0;
            foreach (var entity in entities)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Flaw(entity) is { } flaw)
                {
                    // One line for a list in which all may be so.
                    if (unfit++ == 0) Log.ObjectSkipped(logger, _metadata.PluralName, flaw);
                    continue;
                }

                gone.Remove(EntityKey.Of(entity));
                Store(entity, initial);
            }

            foreach (var key in gone)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Drop(key, null);
            }

            _replaced.Add(scope ?? "");
        }
    }

    /// <summary>One change; not a bookmark.</summary>
    public void Apply(WatchEventType type, T entity)
    {
        if (Flaw(entity) is { } flaw)
        {
            Log.ObjectSkipped(logger, _metadata.PluralName, flaw);
            return;
        }

        lock (_dispatch)
        {
            if (type == WatchEventType.Deleted) Drop(EntityKey.Of(entity), entity);
            else Store(entity, initial: false);
        }
    }

    /// <summary>Hands out every object again.</summary>
    public void Resync(CancellationToken cancellationToken)
    {
        lock (_dispatch)
        {
            foreach (var entity in Cache.List())
            {
                cancellationToken.ThrowIfCancellationRequested();
                Dispatch(new InformerEvent<T>(InformerEventType.Updated, entity, entity, IsResync: true));
            }
        }
    }

    /// <summary>Why the object cannot be cached; null when it can.</summary>
    public string? Flaw(T entity)
    {
        if (string.IsNullOrEmpty(entity.Metadata?.Name)) return "it has no name";
        return entity.Kind is null || entity.Kind == _metadata.Kind ? null : $"it is of another kind than {_metadata.Kind}";
    }

    private void Store(T entity, bool initial)
    {
        var key = EntityKey.Of(entity);
        var previous = Cache.Get(key);
        var (before, now) = (previous?.Metadata, entity.Metadata);
        if (before?.Uid != now.Uid && before?.Uid is not null && now.Uid is not null)
        {
            Drop(key, null);
            previous = null;
        }
        else if (before is not null && before.ResourceVersion == now.ResourceVersion && now.ResourceVersion is not null)
        {
            // The same state once more: what handlers were given stays what is cached.
            return;
        }

        Trim(entity);
        Cache.Set(key, entity);
        Dispatch(previous is null
            ? new InformerEvent<T>(InformerEventType.Added, entity, IsInitial: initial)
            : new InformerEvent<T>(InformerEventType.Updated, entity, previous));
    }

    /// <param name="key">Whose.</param>
    /// <param name="last">The last state; null when the deletion was missed.</param>
    private void Drop(EntityKey key, T? last)
    {
        if (last is not null) Trim(last);
        if (Cache.Remove(key) is { } previous) Dispatch(new InformerEvent<T>(InformerEventType.Deleted, last ?? previous, IsStale: last is null));
    }

    private void Trim(T entity)
    {
        try
        {
            trim?.Invoke(entity);
        }
        catch (Exception e)
        {
            Log.HandlerFailed(logger, e, _metadata.PluralName, EntityKey.Of(entity));
        }
    }

    private void Dispatch(InformerEvent<T> change)
    {
        foreach (var subscription in _subscriptions) Call(subscription, change);
    }

    private void Call(Subscription subscription, InformerEvent<T> change)
    {
        if (subscription.IsOver) return;
        try
        {
            subscription.Handler(change);
        }
        catch (Exception e)
        {
            Log.HandlerFailed(logger, e, _metadata.PluralName, EntityKey.Of(change.Object));
        }
    }

    private sealed class Subscription(InformerStore<T> store, Action<InformerEvent<T>> handler) : IDisposable
    {
        private volatile bool _isOver;

        public Action<InformerEvent<T>> Handler { get; } = handler;

        public bool IsOver => _isOver;

        public void Dispose()
        {
            _isOver = true;
            lock (store._dispatch) store._subscriptions = Array.FindAll(store._subscriptions, one => one != this);
        }
    }
}
