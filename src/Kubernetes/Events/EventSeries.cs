using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Events;

/// <summary>One event, and what has happened since. Of the recorder's loop alone.</summary>
internal sealed class EventSeries(EventsV1Event first, long now)
{
    public EventsV1Event Event { get; } = first;

    /// <summary>Whether its creation is over, well or badly; not so when the end of the recorder cut it off.</summary>
    public bool Settled { get; set; }

    /// <summary>How often it happened.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>The count that the server knows.</summary>
    public int WrittenCount { get; set; } = 1;

    /// <summary>Timestamps of the last try to write and of the last occurrence.</summary>
    public long TriedAt { get; set; } = now;

    public long SeenAt { get; private set; } = now;

    public DateTimeOffset LastObserved { get; private set; } = first.EventTime ?? default;

    public bool IsPending => !Settled || Count > WrittenCount;

    public void Repeat(DateTimeOffset time, long now)
    {
        if (Count < int.MaxValue) Count++;
        LastObserved = time;
        SeenAt = now;
    }
}
