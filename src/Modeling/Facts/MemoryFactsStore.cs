namespace GpuStack.Modeling.Facts;

/// <summary>Keeps facts in memory, up to a number; the ones used longest ago go first.</summary>
/// <typeparam name="T">The facts.</typeparam>
/// <param name="capacity">How many are kept.</param>
public sealed class MemoryFactsStore<T>(int capacity) : IModelFactsStore<T>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, ModelFacts<T> Facts)>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, ModelFacts<T> Facts)> _byUse = new();

    /// <inheritdoc />
    public ValueTask<ModelFacts<T>?> FindAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out LinkedListNode<(string Key, ModelFacts<T> Facts)>? node))
            {
                return ValueTask.FromResult<ModelFacts<T>?>(null);
            }

            _byUse.Remove(node);
            _byUse.AddLast(node);
            return ValueTask.FromResult<ModelFacts<T>?>(node.Value.Facts);
        }
    }

    /// <inheritdoc />
    public ValueTask StoreAsync(string key, ModelFacts<T> facts, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_entries.Remove(key, out LinkedListNode<(string Key, ModelFacts<T> Facts)>? present))
            {
                _byUse.Remove(present);
            }

            _entries[key] = _byUse.AddLast((key, facts));
            while (_entries.Count > capacity)
            {
                _entries.Remove(_byUse.First!.Value.Key);
                _byUse.RemoveFirst();
            }
        }

        return ValueTask.CompletedTask;
    }
}
