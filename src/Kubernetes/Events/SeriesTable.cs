namespace GpuStack.Kubernetes.Events;

/// <summary>The series that go on, at most so many. Of the recorder's loop alone.</summary>
internal sealed class SeriesTable(int capacity, TimeSpan timeout, TimeProvider time)
{
    private readonly Dictionary<EventIdentity, EventSeries> _series = [];

    public int Count => _series.Count;

    public EventSeries? Find(EventIdentity identity) =>
        _series.TryGetValue(identity, out var series) && !IsOver(series) ? series : null;

    public void Add(EventIdentity identity, EventSeries series)
    {
        if (_series.Count >= capacity) MakeRoom();
        _series[identity] = series;
    }

    public IReadOnlyList<EventSeries> Pending() => [.. _series.Values.Where(series => series.IsPending)];

    /// <summary>Forgets what has not happened for long; its next occurrence is a new event.</summary>
    public void ForgetEnded()
    {
        foreach (var (identity, series) in _series)
        {
            // Removing does not disturb a dictionary's enumeration.
            if (IsOver(series) && !series.IsPending) _series.Remove(identity);
        }
    }

    private bool IsOver(EventSeries series) => time.GetElapsedTime(series.SeenAt) > timeout;

    // An eighth at once, so that a flood of different events sorts the table only now and then; counts not yet written go last.
    private void MakeRoom()
    {
        ForgetEnded();
        if (_series.Count < capacity) return;
        var oldest = _series.OrderBy(entry => entry.Value.IsPending).ThenBy(entry => entry.Value.SeenAt).Take(Math.Max(1, capacity / 8)).Select(entry => entry.Key).ToList();
        foreach (var identity in oldest) _series.Remove(identity);
    }
}
