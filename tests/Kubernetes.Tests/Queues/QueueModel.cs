namespace GpuStack.Kubernetes.Tests.Queues;

/// <summary>What the queue should do, said as plainly as possible: lists that are searched from end to end.</summary>
internal sealed class QueueModel
{
    private readonly List<(int Key, int Priority, long Order)> _ready = [];
    private readonly Dictionary<int, int> _askedDuringWork = [];
    private readonly HashSet<int> _inHand = [];
    private readonly List<(int Key, long Due, long Order, int Priority)> _delayed = [];
    private readonly Dictionary<int, int> _failures = [];
    private long _now;
    private long _order;

    public int Count => _ready.Count;

    public int DelayedCount => _delayed.Count;

    public IReadOnlyCollection<int> InHand => _inHand;

    public void Add(int key, int priority)
    {
        if (_inHand.Contains(key))
        {
            _askedDuringWork[key] = Math.Max(priority, _askedDuringWork.GetValueOrDefault(key, int.MinValue));
            return;
        }

        var place = _ready.FindIndex(r => r.Key == key);
        if (place >= 0 && _ready[place].Priority >= priority) return;
        if (place >= 0) _ready.RemoveAt(place);
        _ready.Add((key, priority, ++_order));
    }

    public void AddAfter(int key, long milliseconds, int priority)
    {
        if (milliseconds <= 0)
        {
            Add(key, priority);
            return;
        }

        var due = _now + milliseconds;
        var place = _delayed.FindIndex(d => d.Key == key);
        if (place < 0)
        {
            _delayed.Add((key, due, ++_order, priority));
            return;
        }

        var old = _delayed[place];
        _delayed[place] = due < old.Due ? (key, due, ++_order, Math.Max(priority, old.Priority)) : old with { Priority = Math.Max(priority, old.Priority) };
    }

    public void Fail(int key, int priority)
    {
        var failures = _failures.GetValueOrDefault(key);
        _failures[key] = failures + 1;
        AddAfter(key, Math.Min(5L << Math.Min(failures, 30), 1_000_000), priority);
    }

    public void Forget(int key) => _failures.Remove(key);

    public (int Key, int Priority) Take()
    {
        var (key, priority, _) = _ready.OrderByDescending(r => r.Priority).ThenBy(r => r.Order).First();
        _ready.RemoveAll(r => r.Key == key);
        _inHand.Add(key);
        return (key, priority);
    }

    public void Done(int key)
    {
        if (!_inHand.Remove(key)) return;
        if (_askedDuringWork.Remove(key, out var priority)) Add(key, priority);
    }

    public void Advance(long milliseconds)
    {
        _now += milliseconds;
        foreach (var due in _delayed.Where(d => d.Due <= _now).OrderBy(d => d.Due).ThenBy(d => d.Order).ToList())
        {
            _delayed.Remove(due);
            Add(due.Key, due.Priority);
        }
    }
}
