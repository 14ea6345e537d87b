namespace GpuStack.Modeling.Facts;

/// <summary>Keeps facts of models by key, and may forget any of them at any time. Safe for concurrent use; never fails.</summary>
/// <typeparam name="T">The facts.</typeparam>
public interface IModelFactsStore<T>
{
    /// <summary>The facts under a key; null when there are none that can be used.</summary>
    ValueTask<ModelFacts<T>?> FindAsync(string key, CancellationToken cancellationToken);

    /// <summary>Keeps facts under a key, in place of those that were there.</summary>
    ValueTask StoreAsync(string key, ModelFacts<T> facts, CancellationToken cancellationToken);
}
