namespace GpuStack.Simulator.Timing;

/// <summary>A timer of a <see cref="VirtualClock"/>; its callback runs on the thread pool in the context that made it.</summary>
internal sealed class VirtualTimer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
{
    public static readonly IComparer<VirtualTimer> Order = Comparer<VirtualTimer>.Create(
        (left, right) => left.Due != right.Due ? left.Due.CompareTo(right.Due) : left.Sequence.CompareTo(right.Sequence));

    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    /// <summary>Changed by the clock alone, and only while the timer is not in its queue.</summary>
    public DateTimeOffset Due { get; set; }

    /// <summary>Tells timers that are due at one time apart.</summary>
    public long Sequence { get; set; }

    /// <summary>Zero or less: once.</summary>
    public TimeSpan Period { get; private set; }

    public bool IsDisposed { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (IsDisposed)
            return false;
        Period = period;
        clock.Schedule(this, dueTime);
        return true;
    }

    public void Run() => ThreadPool.UnsafeQueueUserWorkItem(
        static timer =>
        {
            if (timer._context is { } context)
                ExecutionContext.Run(context, static state => ((VirtualTimer)state!).Call(), timer);
            else
                timer.Call();
        },
        this,
        preferLocal: false);

    public void Dispose() => clock.Remove(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Call() => callback(state);
}
