namespace GpuStack.Simulator.Timing;

/// <summary>
/// A clock for a whole system in one process: it stands still while anything works, and moves only inside
/// <see cref="AdvanceAsync"/> and the <c>UntilAsync</c> methods, from one due timer to the next. Timers that are due at one time run at
/// once; the next ones run when everything that followed is done. So hours of waiting cost as much as the work done in them.
/// <para>
/// When the system is quiet is asked of the thread pool and the kernel (<see cref="Quiescence"/>), not of the components: whatever waits
/// for this clock, for another task or for the network of this machine is recognized, without a hook anywhere. Who waits for the
/// system's own clock, or for another process, is not: such a wait counts as quiet. Other work in the process delays the clock, so that a
/// test with it runs while no other test does.
/// </para>
/// <para>
/// <c>Task.Delay</c> cuts its time to whole milliseconds, so that a loop which waits for the rest of one spins until it is over. Here it would
/// spin for ever; so a clock that is read very often at one time moves on by a millisecond.
/// </para>
/// </summary>
public sealed class VirtualClock : TimeProvider
{
    private const int ReadsOfASpin = 100_000;
    private static readonly TimeSpan Creep = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly SortedSet<VirtualTimer> _timers = new(VirtualTimer.Order);
    private readonly DateTimeOffset _start;
    private DateTimeOffset _now;
    private long _sequence;
    private int _reads;
    private int _driven;

    /// <param name="start">The time at first; null for the start of 2026.</param>
    public VirtualClock(DateTimeOffset? start = null)
    {
        _start = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        _now = _start;
    }

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How much time has passed.</summary>
    public TimeSpan Elapsed => GetUtcNow() - _start;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            if (++_reads >= ReadsOfASpin)
                Set(_now + Creep);
            return _now;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => Elapsed.Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until nothing works any more; the time stays.</summary>
    /// <exception cref="TimeoutException">The process does not become quiet.</exception>
    public Task SettleAsync(CancellationToken cancellationToken = default) => AdvanceAsync(TimeSpan.Zero, cancellationToken);

    /// <summary>Lets time pass, and the work that it brings be done.</summary>
    /// <exception cref="InvalidOperationException">Somebody else moves the clock.</exception>
    /// <exception cref="TimeoutException">The process does not become quiet.</exception>
    public Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        return DriveAsync(
            quiescence =>
            {
                var end = GetUtcNow() + by;
                quiescence.Wait(cancellationToken);
                while (RunNext(end))
                    quiescence.Wait(cancellationToken);
                lock (_gate)
                    Set(end);
            },
            cancellationToken);
    }

    /// <summary>Lets time pass until a condition holds; it is asked whenever the system is quiet, before the first timer as well.</summary>
    /// <param name="condition">Runs while nothing else does.</param>
    /// <param name="within">The most time of this clock to pass.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How much time has passed.</returns>
    /// <exception cref="InvalidOperationException">Somebody else moves the clock.</exception>
    /// <exception cref="TimeoutException">The condition does not hold in time, or the process does not become quiet.</exception>
    public async Task<TimeSpan> UntilAsync(Func<bool> condition, TimeSpan within, CancellationToken cancellationToken = default)
    {
        var start = GetUtcNow();
        await DriveAsync(
            quiescence =>
            {
                quiescence.Wait(cancellationToken);
                while (!condition())
                {
                    if (!RunNext(start + within))
                        throw new TimeoutException($"What was waited for has not come within {within} of the virtual clock (it is {GetUtcNow():HH:mm:ss.fff} of {GetUtcNow():yyyy-MM-dd}).");
                    quiescence.Wait(cancellationToken);
                }
            },
            cancellationToken);
        return GetUtcNow() - start;
    }

    /// <summary>Lets time pass until a task has ended.</summary>
    /// <exception cref="InvalidOperationException">Somebody else moves the clock.</exception>
    /// <exception cref="TimeoutException">The task does not end in time, or the process does not become quiet.</exception>
    public async Task<T> UntilAsync<T>(Task<T> task, TimeSpan within, CancellationToken cancellationToken = default)
    {
        await UntilAsync(() => task.IsCompleted, within, cancellationToken);
        return await task;
    }

    /// <inheritdoc cref="UntilAsync{T}(Task{T}, TimeSpan, CancellationToken)"/>
    public async Task UntilAsync(Task task, TimeSpan within, CancellationToken cancellationToken = default)
    {
        await UntilAsync(() => task.IsCompleted, within, cancellationToken);
        await task;
    }

    internal void Schedule(VirtualTimer timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
            if (dueTime < TimeSpan.Zero || timer.IsDisposed)
                return;
            timer.Due = _now + dueTime;
            timer.Sequence = ++_sequence;
            if (dueTime > TimeSpan.Zero)
            {
                _timers.Add(timer);
                return;
            }
            Repeat(timer);
        }
        timer.Run();
    }

    internal void Remove(VirtualTimer timer)
    {
        lock (_gate)
        {
            timer.IsDisposed = true;
            _timers.Remove(timer);
        }
    }

    /// <summary>Moves to the next time at which timers are due and starts them; false when there is none up to the end.</summary>
    private bool RunNext(DateTimeOffset end)
    {
        List<VirtualTimer> due = [];
        lock (_gate)
        {
            if (_timers.Min is not { } next || next.Due > end)
                return false;
            Set(next.Due);
            while (_timers.Min is { } timer && timer.Due <= _now)
            {
                _timers.Remove(timer);
                due.Add(timer);
                Repeat(timer);
            }
        }
        due.ForEach(timer => timer.Run());
        return true;
    }

    private void Set(DateTimeOffset time)
    {
        _reads = 0;
        if (time > _now)
            _now = time;
    }

    private void Repeat(VirtualTimer timer)
    {
        if (timer.Period <= TimeSpan.Zero)
            return;
        timer.Due = _now + timer.Period;
        timer.Sequence = ++_sequence;
        _timers.Add(timer);
    }

    /// <summary>Runs on a thread of its own: on the pool it would count as work itself.</summary>
    private Task DriveAsync(Action<Quiescence> drive, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _driven, 1) != 0)
            throw new InvalidOperationException("The virtual clock is being moved already; await one call before the next.");
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                using (var quiescence = new Quiescence())
                    drive(quiescence);
                Volatile.Write(ref _driven, 0);
                done.SetResult();
            }
            catch (Exception exception)
            {
                Volatile.Write(ref _driven, 0);
                if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
                    done.SetCanceled(cancellationToken);
                else
                    done.SetException(exception);
            }
        })
        { IsBackground = true, Name = "virtual clock" };
        thread.Start();
        return done.Task;
    }
}
