using GpuStack.Kubernetes.Metrics;

namespace GpuStack.Kubernetes.Queues;

/// <summary>
/// Work by key: a key waits at most once, is handed to one worker at a time, and comes back when it was added while it
/// was being worked on. The highest priority goes first; keys of one priority go in the order in which they came.
/// </summary>
/// <remarks>
/// A key is <em>dirty</em> while work on it is asked for, <em>processing</em> while a worker has it, and stands in the
/// ready line exactly when it is dirty and not processing. Of several wishes for one key the highest priority counts,
/// whether the key waits in line, for its time or for a worker to be done with it. Delayed adds wait apart; of several
/// for one key the earliest counts. An add for now leaves a delayed one in place, so that a look that was asked for comes
/// at its time whatever happens before. Low priorities wait as long as there is higher work: workers that never catch up
/// with it never come to them. Every worker loops: <see cref="TakeAsync"/>, work, <see cref="Done"/>.
/// What is kept is bounded by the keys that are dirty, delayed, processing, or failed and not forgotten.
/// </remarks>
public sealed class RateLimitedQueue<TKey> : IDisposable, IQueueState
    where TKey : notnull
{
    /// <summary>Timers have a longest time (49 days); a longer wait is made of several.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    /// <summary>Keeps timestamps from overflowing; later is never.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(3650);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TokenBucket _bucket;
    private readonly ItemBackoff<TKey> _backoff;
    private readonly ReadyLine<TKey> _ready = new();
    private readonly Dictionary<TKey, (int Priority, long Since)> _dirty = [];
    private readonly Dictionary<TKey, long> _processing = [];

    // Due times are timestamps, not clock times: a clock that is set does not move them.
    private readonly DelayedKeys<TKey> _delayed = new();
    private readonly ITimer _timer;
    private readonly QueueMetrics? _metrics;

    // One permit for each key in the ready line, and one more after the shutdown, which the workers pass on to each other.
    private readonly SemaphoreSlim _permits = new(0);
    private TaskCompletionSource? _idle;
    private bool _shutDown;

    /// <summary>An empty queue.</summary>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="options">How failures come back.</param>
    /// <param name="name">Labels the queue's metrics; null for none.</param>
    /// <exception cref="ArgumentException">An option makes no sense.</exception>
    public RateLimitedQueue(TimeProvider timeProvider, RateLimitedQueueOptions? options = null, string? name = null)
    {
        options ??= new RateLimitedQueueOptions();
        options.Validate();
        _time = timeProvider;
        _bucket = new TokenBucket(options.Rate, options.Burst, timeProvider);
        _backoff = new ItemBackoff<TKey>(options.BaseDelay, options.MaxDelay);
        _timer = timeProvider.CreateTimer(static queue => ((RateLimitedQueue<TKey>)queue!).ReleaseDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (name is not null) _metrics = new QueueMetrics(name, this);
    }

    /// <summary>How many keys are ready for a worker.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _ready.Count;
        }
    }

    /// <summary>How many keys wait for their time.</summary>
    public int DelayedCount
    {
        get
        {
            lock (_lock) return _delayed.Count;
        }
    }

    /// <summary>Whether it takes no more adds.</summary>
    internal bool IsShutDown
    {
        get
        {
            lock (_lock) return _shutDown;
        }
    }

    /// <summary>How many keys failed and were not forgotten.</summary>
    internal int FailedCount
    {
        get
        {
            lock (_lock) return _backoff.Count;
        }
    }

    /// <summary>Asks for work on the key now. Ignored after <see cref="ShutDown"/>.</summary>
    public void Add(TKey key, int priority = QueuePriority.Normal)
    {
        lock (_lock) AddLocked(key, priority);
    }

    /// <summary>Asks for work on the key in a while, at once for zero or less; a sooner wish for the same key stands.</summary>
    public void AddAfter(TKey key, TimeSpan delay, int priority = QueuePriority.Normal)
    {
        lock (_lock) AddAfterLocked(key, delay, priority);
    }

    /// <summary>Asks for work after a failure: later each time, and not faster than all retries together may come.</summary>
    public void AddRateLimited(TKey key, int priority = QueuePriority.Normal)
    {
        lock (_lock)
        {
            if (_shutDown) return;
            var own = _backoff.Next(key);
            var overall = _bucket.Take();
            AddAfterLocked(key, own > overall ? own : overall, priority);
        }
    }

    /// <summary>The key is fine: its next failure starts at the shortest delay.</summary>
    public void Forget(TKey key)
    {
        lock (_lock) _backoff.Forget(key);
    }

    /// <summary>How often the key failed since it was last forgotten.</summary>
    public int Failures(TKey key)
    {
        lock (_lock) return _backoff.Failures(key);
    }

    /// <summary>
    /// The next key and the priority it was asked for with; waits for one. Not taken once the queue was shut down and
    /// nothing is ready.
    /// </summary>
    public async ValueTask<(bool Taken, TKey Key, int Priority)> TakeAsync(CancellationToken cancellationToken)
    {
        await _permits.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            if (!_ready.TryTake(out var key))
            {
                _permits.Release();
                return (false, default!, 0);
            }

            _dirty.Remove(key, out var asked);
            var now = _time.GetTimestamp();
            _processing[key] = now;
            _metrics?.Taken(_time.GetElapsedTime(asked.Since, now));
            return (true, key, asked.Priority);
        }
    }

    /// <summary>Says that the work on a taken key has ended, well or badly. A key that was asked for meanwhile is ready again.</summary>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            if (!_processing.Remove(key, out var since)) return;
            _metrics?.Done(_time.GetElapsedTime(since));
            if (_dirty.TryGetValue(key, out var asked)) MakeReady(key, asked.Priority);
            if (IsIdle) _idle?.TrySetResult();
        }
    }

    /// <summary>
    /// No more adds; workers get what was asked for before, then the end. Delayed keys are dropped. Does not wait.
    /// </summary>
    public void ShutDown()
    {
        lock (_lock)
        {
            if (_shutDown) return;
            _shutDown = true;
            _delayed.Clear();
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _permits.Release();
        }
    }

    /// <summary>Shuts down, and completes when the workers have done everything that was asked for before or is in their hands.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ShutDown();
            if (IsIdle) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Shuts down. Workers may still end what they have in hand.</summary>
    public void Dispose()
    {
        ShutDown();
        _timer.Dispose();
        _metrics?.Dispose();
    }

    IReadOnlyDictionary<int, int> IQueueState.Depths()
    {
        lock (_lock) return _dirty.Values.CountBy(static wish => wish.Priority).ToDictionary();
    }

    IReadOnlyList<TimeSpan> IQueueState.InHand()
    {
        lock (_lock) return [.. _processing.Values.Select(since => _time.GetElapsedTime(since))];
    }

    private bool IsIdle => _shutDown && _processing.Count == 0 && _ready.Count == 0;

    private void AddLocked(TKey key, int priority)
    {
        if (_shutDown) return;
        if (_dirty.TryGetValue(key, out var asked))
        {
            if (priority <= asked.Priority) return;
            _dirty[key] = asked with { Priority = priority };
            if (!_processing.ContainsKey(key)) _ready.Put(key, priority);
            return;
        }

        _dirty[key] = (priority, _time.GetTimestamp());
        _metrics?.Added();
        if (!_processing.ContainsKey(key)) MakeReady(key, priority);
    }

    private void MakeReady(TKey key, int priority)
    {
        _ready.Put(key, priority);
        _permits.Release();
    }

    private void AddAfterLocked(TKey key, TimeSpan delay, int priority)
    {
        if (_shutDown) return;
        if (delay <= TimeSpan.Zero)
        {
            AddLocked(key, priority);
            return;
        }

        _metrics?.Retried();
        if (delay > LongestDelay) delay = LongestDelay;
        _delayed.Put(key, _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency), priority);
        SetTimer();
    }

    private void ReleaseDue()
    {
        lock (_lock)
        {
            while (_delayed.TryTake(_time.GetTimestamp(), out var key, out var priority)) AddLocked(key, priority);
            SetTimer();
        }
    }

    private void SetTimer()
    {
        if (_shutDown || !_delayed.TryPeek(out var due)) return;
        var now = _time.GetTimestamp();
        var wait = due > now ? _time.GetElapsedTime(now, due) : TimeSpan.Zero;
        if (wait > LongestTimer) wait = LongestTimer;
        // Timers round down to milliseconds; one too early would only set itself again.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }
}
