using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Queues;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>What a controller of <typeparamref name="T"/> listens to.</summary>
public sealed class ControllerBuilder<T>
    where T : class, IKubernetesObject
{
    private readonly ControllerHost _host;
    private readonly List<Action<Controller<T>>> _watches = [];

    internal ControllerBuilder(ControllerHost host) => _host = host;

    internal int WorkerCount { get; private set; } = 1;

    internal RateLimitedQueueOptions QueueOptions { get; private set; } = new();

    internal Func<InformerEvent<T>, bool> Predicate { get; private set; } = static _ => true;

    internal List<IEntityFinalizer<T>> Finalizers { get; } = [];

    internal IReadOnlyList<Action<Controller<T>>> Subscriptions => _watches;

    /// <summary>How many objects are reconciled at a time; 1 by default.</summary>
    public ControllerBuilder<T> Workers(int count)
    {
        WorkerCount = count;
        return this;
    }

    /// <summary>Which changes of the object itself count; all by default.</summary>
    public ControllerBuilder<T> When(Func<InformerEvent<T>, bool> predicate)
    {
        Predicate = predicate;
        return this;
    }

    /// <summary>How failures come back.</summary>
    public ControllerBuilder<T> Retry(RateLimitedQueueOptions options)
    {
        QueueOptions = options;
        return this;
    }

    /// <summary>Attaches the finalizer to every object, and runs it when the object is to be deleted.</summary>
    public ControllerBuilder<T> Finalizer(IEntityFinalizer<T> finalizer)
    {
        Finalizers.Add(finalizer);
        return this;
    }

    /// <summary>Changes of a <typeparamref name="TChild"/> reconcile the object that controls it.</summary>
    public ControllerBuilder<T> Owns<TChild>(Func<InformerEvent<TChild>, bool>? when = null)
        where TChild : class, IKubernetesObject =>
        Watches<TChild>(static change => OwnerReferences.ControllerKey<T>(change.Object) is { } key ? [key] : [], when);

    /// <summary>Changes of a <typeparamref name="TOther"/> reconcile the objects that <paramref name="map"/> names.</summary>
    /// <param name="map">Called in the order of the changes; must be quick.</param>
    /// <param name="when">Which changes count; all by default.</param>
    public ControllerBuilder<T> Watches<TOther>(Func<InformerEvent<TOther>, IEnumerable<EntityKey>> map, Func<InformerEvent<TOther>, bool>? when = null)
        where TOther : class, IKubernetesObject
    {
        var informer = _host.Informer<TOther>();
        _watches.Add(controller => informer.AddHandler(change =>
        {
            if (when is not null && !when(change)) return;
            foreach (var key in map(change)) controller.Enqueue(key);
        }));
        return this;
    }
}
