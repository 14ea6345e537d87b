using System.Diagnostics.CodeAnalysis;

namespace GpuStack.Kubernetes.Queues;

/// <summary>Keys in the order in which they are handed out: the highest priority first, then first come, first served. Not thread-safe.</summary>
internal sealed class ReadyLine<TKey>
    where TKey : notnull
{
    // A line of its own for each priority in use, the highest first; an empty line is taken away.
    private readonly SortedDictionary<int, LinkedList<TKey>> _lines = new(Comparer<int>.Create(static (x, y) => y.CompareTo(x)));
    private readonly Dictionary<TKey, (int Priority, LinkedListNode<TKey> Place)> _places = [];

    public int Count => _places.Count;

    /// <summary>Puts the key at the end of its priority. A key that stands in line at another one leaves its place there.</summary>
    public void Put(TKey key, int priority)
    {
        if (_places.Remove(key, out var old)) Leave(old.Priority, old.Place);
        if (!_lines.TryGetValue(priority, out var line)) _lines[priority] = line = new LinkedList<TKey>();
        _places[key] = (priority, line.AddLast(key));
    }

    public bool TryTake([MaybeNullWhen(false)] out TKey key)
    {
        foreach (var (priority, line) in _lines)
        {
            var first = line.First!;
            key = first.Value;
            _places.Remove(key);
            Leave(priority, first);
            return true;
        }

        key = default;
        return false;
    }

    private void Leave(int priority, LinkedListNode<TKey> place)
    {
        var line = _lines[priority];
        line.Remove(place);
        if (line.Count == 0) _lines.Remove(priority);
    }
}
