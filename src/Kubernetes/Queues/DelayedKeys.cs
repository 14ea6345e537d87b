using System.Diagnostics.CodeAnalysis;

namespace GpuStack.Kubernetes.Queues;

/// <summary>
/// Keys that wait for their time, each once: the earliest time and the highest priority that were asked for count.
/// Times are timestamps. Not thread-safe.
/// </summary>
internal sealed class DelayedKeys<TKey>
    where TKey : notnull
{
    /// <summary>Entries that the heap may hold beyond twice its keys before the stale ones are thrown out.</summary>
    private const int Slack = 64;

    private readonly Dictionary<TKey, Wish> _wishes = [];

    // A key that got an earlier time leaves its former entry behind, stale. Equal times keep the order of the wishes.
    private readonly PriorityQueue<TKey, (long Due, long Order)> _heap = new();
    private long _order;

    public int Count => _wishes.Count;

    /// <summary>Entries in the heap, stale ones included.</summary>
    internal int HeapCount => _heap.Count;

    public void Put(TKey key, long due, int priority)
    {
        if (_wishes.TryGetValue(key, out var wish))
        {
            if (priority < wish.Priority) priority = wish.Priority;
            if (wish.Due <= due)
            {
                _wishes[key] = wish with { Priority = priority };
                return;
            }
        }

        _wishes[key] = wish = new Wish(due, ++_order, priority);
        _heap.Enqueue(key, (wish.Due, wish.Order));
        if (_heap.Count > 2 * _wishes.Count + Slack) Compact();
    }

    /// <summary>When the next key may be due: never later than it is.</summary>
    public bool TryPeek(out long due)
    {
        var any = _heap.TryPeek(out _, out var place);
        due = place.Due;
        return any;
    }

    /// <summary>Takes out a key whose time has come.</summary>
    public bool TryTake(long now, [MaybeNullWhen(false)] out TKey key, out int priority)
    {
        while (_heap.TryPeek(out key, out var place) && place.Due <= now)
        {
            _heap.Dequeue();
            if (!_wishes.TryGetValue(key, out var wish) || wish.Order != place.Order) continue;
            _wishes.Remove(key);
            priority = wish.Priority;
            return true;
        }

        key = default;
        priority = 0;
        return false;
    }

    public void Clear()
    {
        _wishes.Clear();
        _heap.Clear();
    }

    private void Compact()
    {
        _heap.Clear();
        _heap.EnqueueRange(_wishes.Select(static pair => (pair.Key, (pair.Value.Due, pair.Value.Order))));
    }

    private sealed record Wish(long Due, long Order, int Priority);
}
