using System.Threading.Channels;

namespace GpuStack.Kubernetes.Queues;

/// <summary>
/// Work by key: a key waits at most once, is handed to one worker at a time, and comes back when it was added while it
/// was being worked on.
/// </summary>
/// <remarks>
/// A key is <em>dirty</em> while work on it is asked for, <em>processing</em> while a worker has it, and stands in the
/// ready line exactly when it is dirty and not processing. Delayed adds wait in a heap; of several for one key the
/// earliest counts. Every worker loops: <see cref="TakeAsync"/>, work, <see cref="Done"/>.
/// </remarks>
public sealed class RateLimitedQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly RateLimitedQueueOptions _options;
    private readonly TokenBucket _bucket;
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();
    private readonly HashSet<TKey> _dirty = [];
    private readonly HashSet<TKey> _processing = [];
    private readonly Dictionary<TKey, int> _failures = [];

    // Due times are timestamps, not clock times: a clock that is set does not move them.
    private readonly Dictionary<TKey, long> _delayed = [];
    private readonly PriorityQueue<TKey, long> _heap = new();
    private readonly ITimer _timer;
    private TaskCompletionSource? _idle;
    private bool _shutDown;

    /// <summary>An empty queue.</summary>
    public RateLimitedQueue(TimeProvider timeProvider, RateLimitedQueueOptions? options = null)
    {
        _time = timeProvider;
        _options = options ?? new RateLimitedQueueOptions();
        _bucket = new TokenBucket(_options.Rate, _options.Burst, timeProvider);
        _timer = timeProvider.CreateTimer(static queue => ((RateLimitedQueue<TKey>)queue!).ReleaseDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many keys are ready for a worker.</summary>
    public int Count => _ready.Reader.Count;

    /// <summary>How many keys wait for their time.</summary>
    public int DelayedCount
    {
        get
        {
            lock (_lock) return _delayed.Count;
        }
    }

    /// <summary>Asks for work on the key now. Ignored after <see cref="ShutDown"/>.</summary>
    public void Add(TKey key)
    {
        lock (_lock) AddLocked(key);
    }

    /// <summary>Asks for work on the key in a while; a sooner wish for the same key stands.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        lock (_lock)
        {
            if (_shutDown) return;
            if (delay <= TimeSpan.Zero)
            {
                AddLocked(key);
                return;
            }

            var due = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
            if (_delayed.TryGetValue(key, out var earlier) && earlier <= due) return;
            _delayed[key] = due;
            _heap.Enqueue(key, due);
            SetTimer();
        }
    }

    /// <summary>Asks for work after a failure: later each time, and not faster than all retries together may come.</summary>
    public void AddRateLimited(TKey key)
    {
        lock (_lock)
        {
            if (_shutDown) return;
            var failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
            var own = DelayAfter(failures);
            var overall = _bucket.Take();
            AddAfter(key, own > overall ? own : overall);
        }
    }

    /// <summary>The key is fine: its next failure starts at the shortest delay.</summary>
    public void Forget(TKey key)
    {
        lock (_lock) _failures.Remove(key);
    }

    /// <summary>How often the key failed since it was last forgotten.</summary>
    public int Failures(TKey key)
    {
        lock (_lock) return _failures.GetValueOrDefault(key);
    }

    /// <summary>The next key; waits for one. False once the queue was shut down and is empty.</summary>
    public async ValueTask<(bool Taken, TKey Key)> TakeAsync(CancellationToken cancellationToken)
    {
        while (await _ready.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            lock (_lock)
            {
                if (!_ready.Reader.TryRead(out var key)) continue;
                _processing.Add(key);
                _dirty.Remove(key);
                return (true, key);
            }
        }

        return (false, default!);
    }

    /// <summary>Says that the work on a taken key has ended, well or badly.</summary>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            if (!_processing.Remove(key)) return;
            // After a shutdown the ready line is closed: what was asked for meanwhile is dropped.
            if (_dirty.Contains(key) && !_ready.Writer.TryWrite(key)) _dirty.Remove(key);
            if (_shutDown && _processing.Count == 0 && _ready.Reader.Count == 0) _idle?.TrySetResult();
        }
    }

    /// <summary>No more adds; workers get what is ready, then the end. Delayed keys are dropped.</summary>
    public void ShutDown()
    {
        lock (_lock)
        {
            if (_shutDown) return;
            _shutDown = true;
            _delayed.Clear();
            _heap.Clear();
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _ready.Writer.TryComplete();
        }
    }

    /// <summary>Shuts down, and completes when the workers have done everything that was ready or taken.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ShutDown();
            if (_processing.Count == 0 && _ready.Reader.Count == 0) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ShutDown();
        _timer.Dispose();
    }

    private TimeSpan DelayAfter(int failures)
    {
        // The exponent is bounded before the power is taken, so that no count of failures overflows.
        var delay = _options.BaseDelay.TotalSeconds * Math.Pow(2, Math.Min(failures, 60));
        return delay < _options.MaxDelay.TotalSeconds ? TimeSpan.FromSeconds(delay) : _options.MaxDelay;
    }

    private void AddLocked(TKey key)
    {
        if (_shutDown || !_dirty.Add(key) || _processing.Contains(key)) return;
        _ready.Writer.TryWrite(key);
    }

    private void ReleaseDue()
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            while (_heap.TryPeek(out var key, out var due) && due <= now)
            {
                _heap.Dequeue();
                // An entry whose key has meanwhile got an earlier time is stale.
                if (!_delayed.TryGetValue(key, out var current) || current != due) continue;
                _delayed.Remove(key);
                AddLocked(key);
            }

            SetTimer();
        }
    }

    private void SetTimer()
    {
        if (_shutDown || !_heap.TryPeek(out _, out var due)) return;
        var now = _time.GetTimestamp();
        var wait = due > now ? _time.GetElapsedTime(now, due) : TimeSpan.Zero;
        // Timers round down to milliseconds; one too early would only set itself again.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }
}
