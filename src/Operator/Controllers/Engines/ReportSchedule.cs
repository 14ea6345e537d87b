namespace GpuStack.Operator.Controllers.Engines;

/// <summary>
/// When which pod's supervisor is asked: soon when it appears or its readiness changes, again and again while it is not Ready, and not at all
/// while it is, for the kubelet tells when that ends. So a fleet that serves costs nothing. Not safe for concurrent use.
/// </summary>
internal sealed class ReportSchedule
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SortedSet<(DateTimeOffset At, string Pod)> _due = [];

    /// <summary>When the next pod is to be asked; null when none is.</summary>
    public DateTimeOffset? Next => _due.Count > 0 ? _due.Min.At : null;

    /// <summary>A pod whose engine's container runs was seen.</summary>
    /// <param name="pod">Names the pod: its uid.</param>
    /// <param name="ready">Whether it is Ready.</param>
    /// <param name="now">The present.</param>
    /// <returns>Whether it is new, or its readiness changed.</returns>
    public bool Seen(string pod, bool ready, DateTimeOffset now)
    {
        if (_entries.TryGetValue(pod, out var known) && known.Ready == ready)
            return false;
        // What has just become Ready has its last word to say; what has just begun has not said anything yet.
        Put(pod, new Entry(ready, Shortest, ready ? now : now + First));
        return true;
    }

    /// <summary>A pod is gone, or its container does not run.</summary>
    public void Gone(string pod)
    {
        if (_entries.Remove(pod, out var known) && known.At is { } at)
            _due.Remove((at, pod));
    }

    /// <summary>Takes pods that are to be asked now, longest due first.</summary>
    public IReadOnlyList<string> Take(DateTimeOffset now, int most)
    {
        var taken = new List<string>();
        while (taken.Count < most && _due.Count > 0 && _due.Min is var first && first.At <= now)
        {
            _due.Remove(first);
            var entry = _entries[first.Pod];
            // Whole seconds: what began together is asked together.
            var next = TimeSpan.FromSeconds(Math.Min(Math.Ceiling(entry.Interval.TotalSeconds * 1.5), Longest.TotalSeconds));
            Put(first.Pod, entry.Ready ? entry with { At = null } : new Entry(Ready: false, next, now + entry.Interval));
            taken.Add(first.Pod);
        }
        return taken;
    }

    private void Put(string pod, Entry entry)
    {
        if (_entries.TryGetValue(pod, out var old) && old.At is { } before)
            _due.Remove((before, pod));
        _entries[pod] = entry;
        if (entry.At is { } at)
            _due.Add((at, pod));
    }

    private sealed record Entry(bool Ready, TimeSpan Interval, DateTimeOffset? At);
}
