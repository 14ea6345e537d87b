using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Events;

/// <summary>One event as it was last written, and what has happened since. Of the recorder's loop alone.</summary>
internal sealed class EventSeries(EventsV1Event first, long writtenAt)
{
    public EventsV1Event Event { get; } = first;

    /// <summary>How often it happened.</summary>
    public int Count { get; set; } = 1;

    /// <summary>The count that the server knows.</summary>
    public int WrittenCount { get; set; } = 1;

    /// <summary>Timestamps of the last write and of the last occurrence.</summary>
    public long WrittenAt { get; set; } = writtenAt;

    public long SeenAt { get; set; } = writtenAt;

    public DateTimeOffset LastObserved { get; set; } = first.EventTime ?? default;
}
