using System.Collections.Immutable;

namespace GpuStack.Faults.Storage;

/// <summary>A resource's present state and its latest changes, as many as fit; what is older is expired.</summary>
internal sealed class EventWindow(int capacity)
{
    private readonly List<StoreEvent> _events = [];
    private ImmutableSortedDictionary<string, StoredObject> _base = ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    /// <summary>The oldest version that a watch may start from.</summary>
    public long Oldest { get; private set; }

    public ImmutableSortedDictionary<string, StoredObject> Current => _events.Count > 0 ? _events[^1].After : _base;

    public void Add(StoreEvent change)
    {
        _events.Add(change);
        // In lumps: removing the first of a list moves all others.
        if (_events.Count >= capacity + Math.Max(1, capacity / 8)) Forget(_events.Count - capacity);
    }

    /// <summary>Forgets all changes up to <paramref name="version"/>, the present one.</summary>
    public void Compact(long version)
    {
        Forget(_events.Count);
        Oldest = version;
    }

    /// <summary>The changes after a version, at most <paramref name="most"/>; false when they are no longer known.</summary>
    public bool Read(long after, int most, List<StoreEvent> into)
    {
        if (after < Oldest) return false;
        for (var i = IndexAfter(after); i < _events.Count && into.Count < most; i++) into.Add(_events[i]);
        return true;
    }

    /// <summary>The state at a version; null when it is no longer known.</summary>
    public ImmutableSortedDictionary<string, StoredObject>? At(long version)
    {
        if (version < Oldest) return null;
        var next = IndexAfter(version);
        return next == 0 ? _base : _events[next - 1].After;
    }

    /// <summary>The version of the change that lies <paramref name="back"/> changes back, or of the oldest state.</summary>
    public long VersionBack(int back) => back < _events.Count ? _events[_events.Count - 1 - back].Version : Oldest;

    private void Forget(int count)
    {
        if (count == 0) return;
        _base = _events[count - 1].After;
        Oldest = _events[count - 1].Version;
        _events.RemoveRange(0, count);
    }

    private int IndexAfter(long version)
    {
        int low = 0, high = _events.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_events[middle].Version <= version) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
