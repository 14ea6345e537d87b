using System.Threading.Channels;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Cluster.Control;

/// <summary>
/// The frame of a simulated controller. Watches and timers post to one inbox; one task takes them out, updates the
/// controller's indexes (<see cref="Observe"/>) and then works off the keys marked as dirty (<see cref="Reconcile"/>).
/// So a controller's state belongs to one thread, nothing polls, and many events of one object cost one reconciliation.
/// </summary>
/// <typeparam name="TKey">What is reconciled.</typeparam>
internal abstract class ControlLoop<TKey>(ClusterStore store) : ISimulatedController
    where TKey : notnull
{
    private readonly Channel<Action> _inbox = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<TKey> _dirty = [];
    private readonly Queue<TKey> _queue = new();
    private readonly List<StoreWatch> _watches = [];
    private readonly PriorityQueue<TKey, DateTimeOffset> _later = new();
    private readonly Dictionary<TKey, DateTimeOffset> _due = [];
    private ITimer? _timer;
    private DateTimeOffset _timerDue = DateTimeOffset.MaxValue;

    protected ClusterStore Store => store;

    protected DateTimeOffset Now => store.Time.GetUtcNow();

    /// <summary>The resources watched from the start.</summary>
    protected abstract IEnumerable<ResourceKey> Watched { get; }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in Watched)
            Attach(resource, cancellationToken);
        try
        {
            while (await _inbox.Reader.WaitToReadAsync(cancellationToken))
            {
                while (_inbox.Reader.TryRead(out var work))
                    work();
                while (_queue.TryDequeue(out var key))
                {
                    _dirty.Remove(key);
                    Handle(key);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The cluster stops.
        }
        finally
        {
            _watches.ForEach(w => w.Dispose());
            if (_timer is not null)
                await _timer.DisposeAsync();
        }
    }

    /// <summary>Updates indexes and marks keys; runs on the controller's thread.</summary>
    protected abstract void Observe(StoreEvent change);

    /// <summary>Brings one key to its desired state.</summary>
    protected abstract void Reconcile(TKey key);

    /// <summary>Marks a key; it is reconciled once all events at hand have been observed.</summary>
    protected void Enqueue(TKey key)
    {
        if (_dirty.Add(key))
            _queue.Enqueue(key);
    }

    /// <summary>
    /// Marks a key later; of several times that were asked for the earliest counts, after which the reconciliation asks anew. All keys share
    /// one timer.
    /// </summary>
    protected void EnqueueAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Enqueue(key);
            return;
        }
        var due = Now + delay;
        if (_due.TryGetValue(key, out var known) && known <= due)
            return;
        _due[key] = due;
        _later.Enqueue(key, due);
        SetTimer();
    }

    /// <summary>Runs something on the controller's thread.</summary>
    protected void Post(Action work) => _inbox.Writer.TryWrite(work);

    /// <summary>Watches one more resource; its objects come as additions first.</summary>
    protected void Attach(ResourceKey resource, CancellationToken cancellationToken)
    {
        var watch = store.Watch(resource);
        _watches.Add(watch);
        Post(() =>
        {
            foreach (var item in watch.Initial.Items)
                Observe(new StoreEvent(StoreEventType.Added, item, Previous: null));
        });
        _ = PumpAsync(watch, cancellationToken);
    }

    private void SetTimer()
    {
        if (!_later.TryPeek(out _, out var due) || due >= _timerDue)
            return;
        _timerDue = due;
        _timer ??= store.Time.CreateTimer(_ => Post(TakeDue), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var wait = due - Now;
        // Timers count in milliseconds and are never early.
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void TakeDue()
    {
        _timerDue = DateTimeOffset.MaxValue;
        var now = Now;
        while (_later.TryPeek(out var key, out var due) && due <= now)
        {
            _later.Dequeue();
            // An entry that an earlier one replaced says nothing any more.
            if (_due.TryGetValue(key, out var wanted) && wanted == due)
            {
                _due.Remove(key);
                Enqueue(key);
            }
        }
        SetTimer();
    }

    private async Task PumpAsync(StoreWatch watch, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in watch.Events.ReadAllAsync(cancellationToken))
                Post(() => Observe(change));
        }
        catch (OperationCanceledException)
        {
            // The cluster stops.
        }
    }

    private void Handle(TKey key)
    {
        try
        {
            Reconcile(key);
        }
        catch (StoreException)
        {
            // Refused because somebody was faster, or because the namespace goes away. Decisions rest on observed
            // events, so the change that was in the way is still on its way here and marks the key again.
        }
    }
}
