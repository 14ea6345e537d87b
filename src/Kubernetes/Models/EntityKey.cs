namespace GpuStack.Kubernetes.Models;

/// <summary>An object's name within its kind.</summary>
/// <param name="Namespace">Null for cluster-scoped objects.</param>
/// <param name="Name">The name.</param>
public readonly record struct EntityKey(string? Namespace, string Name)
{
    /// <summary>The key of <paramref name="entity"/>.</summary>
    public static EntityKey Of(IKubernetesObject entity) => new(entity.Metadata.Namespace, entity.Metadata.Name ?? "");

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
