using System.Collections.Concurrent;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Logging;
using GpuStack.Kubernetes.Metrics;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Queues;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>
/// Runs an <see cref="IEntityController{T}"/>: changes become keys in a queue, workers take keys, read the object from
/// the cache and reconcile it.
/// </summary>
/// <remarks>
/// Only the key travels: what is reconciled is what the cache holds when the work begins, so any number of changes
/// collapse into one reconciliation of the newest state. A failure comes back after its back-off, which only a success
/// resets; a requeue that was asked for is neither cancelled nor doubled by changes that arrive meanwhile.
/// </remarks>
public sealed class Controller<T> : IControllerLoop, IDisposable
    where T : class, IKubernetesObject
{
    private readonly IEntityController<T> _controller;
    private readonly IEntityCache<T> _cache;
    private readonly KubernetesJson _json;
    private readonly FinalizerSteps<T> _finalizers;
    private readonly RateLimitedQueue<EntityKey> _queue;
    private readonly ConcurrentDictionary<EntityKey, T> _deleted = new();
    private readonly int _workers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal Controller(
        IEntityController<T> controller,
        ControllerBuilder<T> builder,
        Informer<T> informer,
        IKubernetesClient client,
        KubernetesJson json,
        TimeProvider time,
        ILoggerFactory loggerFactory)
    {
        _controller = controller;
        _cache = informer.Cache;
        _json = json;
        // Says at the start, not at the first object, that a context is missing.
        _ = json.TypeInfo<T>();
        _finalizers = new FinalizerSteps<T>(client, builder.Finalizers);
        _queue = new RateLimitedQueue<EntityKey>(time, builder.QueueOptions);
        _workers = builder.WorkerCount;
        _time = time;
        _logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.Controllers");
        Name = EntityMetadata.Of<T>().Kind.ToLowerInvariant();
        var predicate = builder.Predicate;
        informer.AddHandler(change =>
        {
            var key = EntityKey.Of(change.Object);
            if (change.Type == InformerEventType.Deleted) _deleted[key] = change.Object;
            if (change.Type == InformerEventType.Deleted || predicate(change)) _queue.Add(key);
        });
        foreach (var subscribe in builder.Subscriptions) subscribe(this);
    }

    /// <summary>The kind in lower case; labels the metrics.</summary>
    public string Name { get; }

    /// <summary>Asks for a reconciliation of the object now.</summary>
    public void Enqueue(EntityKey key) => _queue.Add(key);

    /// <summary>Asks for a reconciliation in a while; a sooner wish stands.</summary>
    public void EnqueueAfter(EntityKey key, TimeSpan delay) => _queue.AddAfter(key, delay);

    /// <inheritdoc/>
    public void Dispose() => _queue.Dispose();

    /// <summary>Works until cancelled; then what is being reconciled is cancelled and awaited.</summary>
    async Task IControllerLoop.RunAsync(CancellationToken cancellationToken)
    {
        Log.ControllerStarted(_logger, Name, _workers);
        await using var stop = cancellationToken.Register(_queue.ShutDown);
        await Task.WhenAll(Enumerable.Range(0, _workers).Select(_ => Task.Run(() => WorkAsync(cancellationToken), CancellationToken.None))).ConfigureAwait(false);
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // The shutdown ends the wait; cancelling it as well would only throw.
            var (taken, key, _) = await _queue.TakeAsync(CancellationToken.None).ConfigureAwait(false);
            if (!taken || cancellationToken.IsCancellationRequested) return;
            try
            {
                await ProcessAsync(key, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            finally
            {
                _queue.Done(key);
            }
        }
    }

    private async Task ProcessAsync(EntityKey key, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var outcome = "error";
        ControllerMetrics.Started(Name);
        try
        {
            outcome = Settle(key, await ReconcileAsync(key, cancellationToken).ConfigureAwait(false));
        }
        catch (KubernetesException e) when (e.IsConflict)
        {
            // Somebody was faster; the cache will soon know. Not worth an error, but worth the back-off.
            outcome = "requeue";
            Log.ReconcileConflict(_logger, Name, key);
            _queue.AddRateLimited(key);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ReconcileThrew(_logger, e, Name, key, _queue.Failures(key));
            _queue.AddRateLimited(key);
        }
        finally
        {
            var elapsed = _time.GetElapsedTime(started);
            ControllerMetrics.Ended(Name, outcome, elapsed);
            Log.Reconciled(_logger, Name, key, elapsed.TotalMilliseconds);
        }
    }

    private async Task<ReconciliationResult<T>?> ReconcileAsync(EntityKey key, CancellationToken cancellationToken)
    {
        var cached = _cache.Get(key);
        if (cached is null)
        {
            if (!_deleted.TryGetValue(key, out var last)) return null;
            var result = await _controller.DeletedAsync(_json.Clone(last), cancellationToken).ConfigureAwait(false);
            if (result.IsSuccess) _deleted.TryRemove(new KeyValuePair<EntityKey, T>(key, last));
            return result;
        }

        _deleted.TryRemove(key, out _);
        var entity = _json.Clone(cached);
        if (entity.Metadata.DeletionTimestamp is not null) return await _finalizers.RunAsync(entity, cancellationToken).ConfigureAwait(false);
        entity = await _finalizers.AttachAsync(entity, cancellationToken).ConfigureAwait(false);
        return await _controller.ReconcileAsync(entity, cancellationToken).ConfigureAwait(false);
    }

    private string Settle(EntityKey key, ReconciliationResult<T>? result)
    {
        if (result is { IsSuccess: false })
        {
            Log.ReconcileFailed(_logger, Name, key, _queue.Failures(key), result.ErrorMessage, result.Error);
            if (result.RequeueAfter is { } retry) _queue.AddAfter(key, retry);
            else _queue.AddRateLimited(key);
            return "error";
        }

        _queue.Forget(key);
        if (result?.RequeueAfter is not { } delay) return "success";
        _queue.AddAfter(key, delay);
        return "requeue_after";
    }
}
