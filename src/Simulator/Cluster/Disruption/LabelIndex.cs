using GpuStack.Simulator.Cluster.Control;

namespace GpuStack.Simulator.Cluster.Disruption;

/// <summary>Objects by one of their labels, for the label keys that somebody asks for.</summary>
internal sealed class LabelIndex
{
    /// <summary>Stands for a label that every object has, with an empty value.</summary>
    public const string AnyKey = "";

    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<(string? Namespace, string Key, string Value), HashSet<ObjectKey>> _objects = [];

    /// <summary>Whether the key is new, so that the objects there are must be added.</summary>
    public bool Track(string key) => _keys.Add(key);

    public static string? ValueOf(IReadOnlyDictionary<string, string> labels, string key) => key.Length == 0 ? "" : labels.GetValueOrDefault(key);

    public IReadOnlyCollection<ObjectKey> Find(string? @namespace, string key, string value) =>
        _objects.TryGetValue((@namespace, key, value), out var found) ? found : [];

    public int Count(string? @namespace, string key, string value) => Find(@namespace, key, value).Count;

    public void Add(ObjectKey item, string key, string? value)
    {
        if (value is null)
            return;
        if (!_objects.TryGetValue((item.Namespace, key, value), out var items))
            _objects[(item.Namespace, key, value)] = items = [];
        items.Add(item);
    }

    public void Remove(ObjectKey item, string key, string? value)
    {
        if (value is not null && _objects.TryGetValue((item.Namespace, key, value), out var items) && items.Remove(item) && items.Count == 0)
            _objects.Remove((item.Namespace, key, value));
    }

    public void Add(ObjectKey item, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var key in _keys)
            Add(item, key, ValueOf(labels, key));
    }

    public void Remove(ObjectKey item, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var key in _keys)
            Remove(item, key, ValueOf(labels, key));
    }
}
