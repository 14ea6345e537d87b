using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Queues;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>What a controller of <typeparamref name="T"/> listens to, and how it works.</summary>
public sealed class ControllerBuilder<T>
    where T : class, IKubernetesObject
{
    private readonly ControllerHost _host;
    private readonly List<Action<Controller<T>>> _watches = [];

    internal ControllerBuilder(ControllerHost host) => _host = host;

    internal string ControllerName { get; private set; } = EntityMetadata.Of<T>().Kind.ToLowerInvariant();

    internal int WorkerCount { get; private set; } = 1;

    internal TimeSpan? ReconcileTimeout { get; private set; }

    internal RateLimitedQueueOptions QueueOptions { get; private set; } = new();

    internal Func<InformerEvent<T>, bool> Predicate { get; private set; } = static _ => true;

    internal Func<InformerEvent<T>, int> Urgency { get; private set; } = ChangePriority.Default;

    internal List<IEntityFinalizer<T>> Finalizers { get; } = [];

    internal IReadOnlyList<Action<Controller<T>>> Subscriptions => _watches;

    /// <summary>
    /// Labels the metrics and the log; the kind in lower case by default. Two controllers of one name share their metrics:
    /// name the second controller of a kind.
    /// </summary>
    public ControllerBuilder<T> Name(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ControllerName = name;
        return this;
    }

    /// <summary>How many objects are reconciled at a time; 1 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public ControllerBuilder<T> Workers(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        WorkerCount = count;
        return this;
    }

    /// <summary>
    /// How long one reconciliation may take before it is cancelled, which counts as a failure; no limit by default. One that
    /// ignores the cancellation keeps its worker.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not longer than zero, or longer than a day.</exception>
    public ControllerBuilder<T> Timeout(TimeSpan limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, TimeSpan.FromDays(1));
        ReconcileTimeout = limit;
        return this;
    }

    /// <summary>Which changes of the object itself count; all by default. A deletion always counts.</summary>
    public ControllerBuilder<T> When(Func<InformerEvent<T>, bool> predicate)
    {
        Predicate = predicate;
        return this;
    }

    /// <summary>How urgent changes of the object itself are; <see cref="ChangePriority.Default"/> by default.</summary>
    public ControllerBuilder<T> Priority(Func<InformerEvent<T>, int> priority)
    {
        Urgency = priority;
        return this;
    }

    /// <summary>How failures come back.</summary>
    public ControllerBuilder<T> Retry(RateLimitedQueueOptions options)
    {
        QueueOptions = options;
        return this;
    }

    /// <summary>Attaches the finalizer to every object, and runs it when the object is to be deleted.</summary>
    /// <exception cref="ArgumentException">There is already one of that name.</exception>
    public ControllerBuilder<T> Finalizer(IEntityFinalizer<T> finalizer)
    {
        if (Finalizers.Exists(f => f.Identifier == finalizer.Identifier)) throw new ArgumentException($"There is already a finalizer {finalizer.Identifier}.", nameof(finalizer));
        Finalizers.Add(finalizer);
        return this;
    }

    /// <summary>Changes of a <typeparamref name="TChild"/> reconcile the object that controls it, or that did before the change.</summary>
    /// <param name="when">Which changes count; all by default.</param>
    /// <param name="priority">How urgent they are; <see cref="ChangePriority.Default"/> by default.</param>
    /// <param name="everyOwner">Also owners that do not control the child.</param>
    public ControllerBuilder<T> Owns<TChild>(Func<InformerEvent<TChild>, bool>? when = null, Func<InformerEvent<TChild>, int>? priority = null, bool everyOwner = false)
        where TChild : class, IKubernetesObject =>
        Watches(
            change => change.Previous is { } previous
                ? OwnerReferences.OwnerKeys<T>(change.Object, everyOwner).Union(OwnerReferences.OwnerKeys<T>(previous, everyOwner))
                : OwnerReferences.OwnerKeys<T>(change.Object, everyOwner),
            when,
            priority);

    /// <summary>Changes of a <typeparamref name="TOther"/> reconcile the objects that <paramref name="map"/> names.</summary>
    /// <param name="map">Called in the order of the changes; must be quick.</param>
    /// <param name="when">Which changes count; all by default.</param>
    /// <param name="priority">How urgent they are; <see cref="ChangePriority.Default"/> by default.</param>
    public ControllerBuilder<T> Watches<TOther>(
        Func<InformerEvent<TOther>, IEnumerable<EntityKey>> map, Func<InformerEvent<TOther>, bool>? when = null, Func<InformerEvent<TOther>, int>? priority = null)
        where TOther : class, IKubernetesObject
    {
        var informer = _host.Informer<TOther>();
        var urgency = priority ?? ChangePriority.Default;
        _watches.Add(controller => informer.AddHandler(change => controller.Follow(informer.Resource, change, map, when, urgency)));
        return this;
    }
}
