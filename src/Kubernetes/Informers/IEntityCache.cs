using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Informers;

/// <summary>
/// What an informer knows. Reads are consistent each on its own; the objects are shared and must not be changed: clone
/// what is to be changed.
/// </summary>
public interface IEntityCache<T>
    where T : class, IKubernetesObject
{
    /// <summary>How many objects there are.</summary>
    int Count { get; }

    /// <summary>The object of that name; null when it is not known.</summary>
    T? Get(EntityKey key);

    /// <summary>All objects, as of now.</summary>
    IReadOnlyList<T> List();

    /// <summary>The objects that the index files under <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentException">There is no such index.</exception>
    IReadOnlyList<T> ListByIndex(string indexName, string value);
}
