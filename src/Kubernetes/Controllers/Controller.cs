using System.Diagnostics;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Metrics;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Queues;
using GpuStack.Kubernetes.Tracing;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>
/// Runs an <see cref="IEntityController{T}"/>: changes become keys in a queue, workers take keys, read the object from
/// the cache and reconcile it.
/// </summary>
/// <remarks>
/// Only the key travels: what is reconciled is what the cache holds when the work begins, so any number of changes
/// collapse into one reconciliation of the newest state. A failure comes back after its back-off, which only a success
/// or a terminal error resets; a requeue that was asked for is neither cancelled nor doubled by changes that arrive
/// meanwhile. The controller listens from the moment it runs: what the caches hold by then is handed to it first, so that
/// a process that waits for its lease gathers nothing.
/// </remarks>
public sealed class Controller<T> : IControllerLoop, IDisposable
    where T : class, IKubernetesObject
{
    private readonly IEntityController<T> _controller;
    private readonly Informer<T> _informer;
    private readonly KubernetesJson _json;
    private readonly FinalizerSteps<T> _finalizers;
    private readonly RateLimitedQueue<EntityKey> _queue;
    private readonly Tombstones<T> _tombstones = new();
    private readonly ControllerMetrics _metrics;
    private readonly Func<InformerEvent<T>, bool> _matters;
    private readonly Func<InformerEvent<T>, int> _urgency;
    private readonly IReadOnlyList<Action<Controller<T>>> _watches;
    private readonly TimeSpan? _timeout;
    private readonly int _workers;
    private readonly string _activity;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile bool _stopping;

    internal Controller(
        IEntityController<T> controller,
        ControllerBuilder<T> builder,
        Informer<T> informer,
        IKubernetesClient client,
        KubernetesJson json,
        TimeProvider time,
        ILoggerFactory loggerFactory)
    {
        Name = builder.ControllerName;
        _activity = $"reconcile {Name}";
        _controller = controller;
        _informer = informer;
        _json = json;
        // Says at the start, not at the first object, that a context is missing.
        _ = json.TypeInfo<T>();
        _finalizers = new FinalizerSteps<T>(client, builder.Finalizers);
        _queue = new RateLimitedQueue<EntityKey>(time, builder.QueueOptions, Name);
        _metrics = new ControllerMetrics(Name, builder.WorkerCount);
        _matters = builder.Predicate;
        _urgency = builder.Urgency;
        _watches = builder.Subscriptions;
        _timeout = builder.ReconcileTimeout;
        _workers = builder.WorkerCount;
        _time = time;
        _logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.Controllers");
    }

    /// <summary>Labels the metrics: the kind in lower case unless it was given another.</summary>
    public string Name { get; }

    /// <summary>Objects that are gone and were not yet let go of.</summary>
    internal int TombstoneCount => _tombstones.Count;

    /// <summary>The keys to work on.</summary>
    internal RateLimitedQueue<EntityKey> Queue => _queue;

    /// <summary>Asks for a reconciliation of the object now.</summary>
    public void Enqueue(EntityKey key, int priority = QueuePriority.Normal) => _queue.Add(key, priority);

    /// <summary>Asks for a reconciliation in a while; a sooner wish stands.</summary>
    public void EnqueueAfter(EntityKey key, TimeSpan delay, int priority = QueuePriority.Normal) => _queue.AddAfter(key, delay, priority);

    /// <summary>Asks for the objects that a change of something else concerns.</summary>
    internal void Follow<TOther>(
        string resource,
        InformerEvent<TOther> change,
        Func<InformerEvent<TOther>, IEnumerable<EntityKey>> map,
        Func<InformerEvent<TOther>, bool>? when,
        Func<InformerEvent<TOther>, int> urgency)
        where TOther : class, IKubernetesObject
    {
        try
        {
            if (when is not null && !when(change)) return;
            foreach (var key in map(change)) _queue.Add(key, urgency(change));
        }
        catch (Exception e)
        {
            Log.MappingFailed(_logger, e, resource, EntityKey.Of(change.Object));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Dispose();
        _metrics.Dispose();
    }

    /// <summary>Works until cancelled; then what is being reconciled is cancelled and awaited.</summary>
    async Task IControllerLoop.RunAsync(CancellationToken cancellationToken)
    {
        Log.ControllerStarted(_logger, Name, _workers);
        await using var stop = cancellationToken.Register(Stop);
        // Before the workers: nothing runs until all that is known has been handed over.
        _informer.AddHandler(Observe);
        foreach (var subscribe in _watches) subscribe(this);
        await Task.WhenAll(Enumerable.Range(0, _workers).Select(_ => Task.Run(() => WorkAsync(cancellationToken), CancellationToken.None))).ConfigureAwait(false);
    }

    private void Stop()
    {
        _stopping = true;
        _queue.ShutDown();
        _tombstones.Clear();
    }

    private void Observe(InformerEvent<T> change)
    {
        if (_stopping) return;
        var key = EntityKey.Of(change.Object);
        _tombstones.Observe(key, change);
        try
        {
            if (change.Type == InformerEventType.Deleted || _matters(change)) _queue.Add(key, _urgency(change));
        }
        catch (Exception e)
        {
            // A reconciliation too many does no harm, one too few does.
            Log.MappingFailed(_logger, e, _informer.Resource, key);
            _queue.Add(key);
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // The shutdown ends the wait; cancelling it as well would only throw.
            var (taken, key, priority) = await _queue.TakeAsync(CancellationToken.None).ConfigureAwait(false);
            if (!taken) return;
            try
            {
                if (cancellationToken.IsCancellationRequested) return;
                await ProcessAsync(key, priority, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _queue.Done(key);
            }
        }
    }

    private async Task ProcessAsync(EntityKey key, int priority, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        // None when the work was cut off by a stop: that is nobody's error.
        ReconcileOutcome? outcome = null;
        using var activity = KubernetesTracing.Source.StartActivity(_activity);
        activity?.SetTag("k8s.namespace.name", key.Namespace).SetTag("k8s.object.name", key.Name).SetTag("controller", Name).SetTag("queue.priority", priority);
        _metrics.Started();
        try
        {
            outcome = Settle(key, priority, await ReconcileInTimeAsync(key, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            KubernetesTracing.Failed(activity, e);
            if (!cancellationToken.IsCancellationRequested) outcome = Settle(key, priority, e);
            else if (e is not OperationCanceledException) Log.ReconcileThrew(_logger, e, Name, key, _queue.Failures(key));
        }
        finally
        {
            activity?.SetTag("reconcile.outcome", outcome?.ToString());
            if (outcome == ReconcileOutcome.Error) activity?.SetStatus(ActivityStatusCode.Error);
            var elapsed = _time.GetElapsedTime(started);
            _metrics.Ended(outcome, elapsed);
            Log.Reconciled(_logger, Name, key, elapsed.TotalMilliseconds);
        }
    }

    private async Task<ReconciliationResult<T>?> ReconcileInTimeAsync(EntityKey key, CancellationToken stop)
    {
        if (_timeout is not { } timeout) return await ReconcileAsync(key, stop).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            return await ReconcileAsync(key, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            throw new TimeoutException($"It took longer than {timeout.TotalSeconds} s and was cancelled.", e);
        }
        finally
        {
            if (limit.IsCancellationRequested) _metrics.TimedOut();
        }
    }

    private async Task<ReconciliationResult<T>?> ReconcileAsync(EntityKey key, CancellationToken cancellationToken)
    {
        var cached = _informer.Cache.Get(key);
        if (cached is null)
        {
            return _tombstones.Get(key) is { } last ? await LetGoAsync(key, last, cancellationToken).ConfigureAwait(false) : null;
        }

        var entity = _json.Clone(cached);
        if (entity.Metadata.DeletionTimestamp is not null) return await _finalizers.RunAsync(entity, cancellationToken).ConfigureAwait(false);
        var attached = await _finalizers.AttachAsync(entity, cancellationToken).ConfigureAwait(false);
        return attached is null ? null : await _controller.ReconcileAsync(attached, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ReconciliationResult<T>> LetGoAsync(EntityKey key, T last, CancellationToken cancellationToken)
    {
        try
        {
            var result = await _controller.DeletedAsync(_json.Clone(last), cancellationToken).ConfigureAwait(false);
            if (result.IsTerminal || (result.IsSuccess && result.RequeueAfter is null)) _tombstones.Remove(key, last);
            return result;
        }
        catch (TerminalException)
        {
            _tombstones.Remove(key, last);
            throw;
        }
    }

    private ReconcileOutcome Settle(EntityKey key, int priority, ReconciliationResult<T>? result)
    {
        if (result is { IsTerminal: true }) return GiveUp(key, result.ErrorMessage, result.Error);
        if (result is { IsSuccess: false })
        {
            Log.ReconcileFailed(_logger, Name, key, _queue.Failures(key), result.ErrorMessage, result.Error);
            if (result.RequeueAfter is { } retry) _queue.AddAfter(key, retry, priority);
            else _queue.AddRateLimited(key, priority);
            return ReconcileOutcome.Error;
        }

        _queue.Forget(key);
        if (result?.RequeueAfter is not { } delay) return ReconcileOutcome.Success;
        _queue.AddAfter(key, delay, priority);
        return ReconcileOutcome.RequeueAfter;
    }

    private ReconcileOutcome Settle(EntityKey key, int priority, Exception error)
    {
        if (error is TerminalException) return GiveUp(key, error.Message, error);
        if (Failures.IsStale(error))
        {
            Log.ReconcileConflict(_logger, Name, key);
            _queue.AddRateLimited(key, priority);
            return ReconcileOutcome.Requeue;
        }

        if (Failures.IsPanic(error)) _metrics.Panicked();
        Log.ReconcileThrew(_logger, error, Name, key, _queue.Failures(key));
        _queue.AddRateLimited(key, priority);
        return ReconcileOutcome.Error;
    }

    /// <summary>Only a change brings the key back. A deletion that came meanwhile is one, and waits to be told.</summary>
    private ReconcileOutcome GiveUp(EntityKey key, string? reason, Exception? error)
    {
        Log.ReconcileGivenUp(_logger, Name, key, reason, error);
        _metrics.GivenUp();
        _queue.Forget(key);
        return ReconcileOutcome.Error;
    }
}
