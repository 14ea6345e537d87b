using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Informers;

/// <summary>
/// Keys by values computed from the objects. A value without objects has no entry. What an object was filed under is remembered, so that
/// its entries vanish with it whatever the function says by then.
/// </summary>
internal sealed class EntityIndex<T>(Func<T, IEnumerable<string>> values)
    where T : class, IKubernetesObject
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<EntityKey, Entry[]> _entriesOf = [];

    public int ValueCount => _entries.Count;

    /// <summary>The values of an object; calls the caller's function, and throws what that throws.</summary>
    public string[] ValuesOf(T entity)
    {
        var found = values(entity);
        var texts = found as string[] ?? [.. found];
        return Array.IndexOf(texts, null) < 0 ? texts : throw new InvalidOperationException("An index function gave null as a value; leave it out instead.");
    }

    public KeySet? Keys(string value) => _entries.GetValueOrDefault(value)?.Keys;

    /// <summary>Files the object under these values, and no longer under others.</summary>
    public void Set(EntityKey key, string[] now)
    {
        if (_entriesOf.TryGetValue(key, out var before))
        {
            if (IsSame(before, now)) return;
            Remove(key);
        }

        if (now.Length == 0) return;
        var entries = now.Length == 1 ? Of(now[0]).Alone : Array.ConvertAll(now, Of);
        foreach (var entry in entries) entry.Keys.Add(key);
        _entriesOf[key] = entries;
    }

    public void Remove(EntityKey key)
    {
        if (!_entriesOf.Remove(key, out var entries)) return;
        foreach (var entry in entries)
        {
            if (entry.Keys.Remove(key) && entry.Keys.Count == 0) _entries.Remove(entry.Value);
        }
    }

    private static bool IsSame(Entry[] before, string[] now)
    {
        if (before.Length != now.Length) return false;
        for (var i = 0; i < now.Length; i++)
        {
            if (before[i].Value != now[i]) return false;
        }

        return true;
    }

    private Entry Of(string value)
    {
        if (!_entries.TryGetValue(value, out var entry)) _entries[value] = entry = new Entry(value);
        return entry;
    }

    /// <summary>A value and who has it.</summary>
    private sealed class Entry
    {
        public Entry(string value)
        {
            Value = value;
            Alone = [this];
        }

        public string Value { get; }

        public KeySet Keys { get; } = new();

        /// <summary>What objects with this value only share.</summary>
        public Entry[] Alone { get; }
    }
}
