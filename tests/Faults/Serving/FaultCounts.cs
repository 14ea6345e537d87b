using System.Collections.Concurrent;
using GpuStack.Faults.Plans;

namespace GpuStack.Faults.Serving;

/// <summary>What a server has done so far.</summary>
public sealed class FaultCounts
{
    private readonly ConcurrentDictionary<FaultKind, int> _faults = new();
    private long _lists;
    private long _watches;
    private long _streams;
    private long _events;
    private long _expired;

    /// <summary>Lists asked for, pages counted one by one.</summary>
    public long Lists => Interlocked.Read(ref _lists);

    /// <summary>Watches asked for.</summary>
    public long Watches => Interlocked.Read(ref _watches);

    /// <summary>Watches among them that began with a streaming list.</summary>
    public long Streams => Interlocked.Read(ref _streams);

    /// <summary>Events sent, bookmarks and errors left out.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>Watches and pages that came back too late: their version was no longer in the window.</summary>
    public long Expired => Interlocked.Read(ref _expired);

    /// <summary>Faults that were done.</summary>
    public IReadOnlyDictionary<FaultKind, int> Faults => _faults;

    internal void Add(FaultKind kind) => _faults.AddOrUpdate(kind, 1, static (_, count) => count + 1);

    internal void AddList() => Interlocked.Increment(ref _lists);

    internal void AddWatch() => Interlocked.Increment(ref _watches);

    internal void AddStream() => Interlocked.Increment(ref _streams);

    internal void AddEvents(int count) => Interlocked.Add(ref _events, count);

    internal void AddExpired() => Interlocked.Increment(ref _expired);
}
