using System.Collections;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Informers;

/// <summary>
/// A set of keys that is small most of the time: thousands of values of an index have one or two objects each, and a hash table for each of
/// them takes more memory than what it finds.
/// </summary>
internal sealed class KeySet : IReadOnlyCollection<EntityKey>
{
    /// <summary>Looking through more than so many one by one takes longer than hashing.</summary>
    private const int Few = 8;

    private EntityKey[] _few = [];
    private int _count;
    private HashSet<EntityKey>? _many;

    public int Count => _many?.Count ?? _count;

    public void Add(EntityKey key)
    {
        if (_many is not null)
        {
            _many.Add(key);
            return;
        }

        if (Array.IndexOf(_few, key, 0, _count) >= 0) return;
        if (_count == Few)
        {
            _many = [.. _few, key];
            _few = [];
            _count = 0;
            return;
        }

        if (_count == _few.Length) Array.Resize(ref _few, _count == 0 ? 1 : Math.Min(_count * 2, Few));
        _few[_count++] = key;
    }

    /// <returns>Whether it was there.</returns>
    public bool Remove(EntityKey key)
    {
        if (_many is not null) return _many.Remove(key);
        var at = Array.IndexOf(_few, key, 0, _count);
        if (at < 0) return false;
        _few[at] = _few[--_count];
        _few[_count] = default;
        return true;
    }

    public IEnumerator<EntityKey> GetEnumerator() => (_many ?? _few.Take(_count)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
