namespace GpuStack.Kubernetes.Models;

/// <summary>Ties objects to the ones they belong to.</summary>
public static class OwnerReferences
{
    /// <summary>A reference that makes <paramref name="owner"/> the controller; deletion of the owner waits for it.</summary>
    public static V1OwnerReference ToController<T>(T owner)
        where T : class, IKubernetesObject
    {
        var metadata = EntityMetadata.Of<T>();
        return new V1OwnerReference
        {
            ApiVersion = metadata.ApiVersion,
            Kind = metadata.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid ?? throw new ArgumentException($"The {metadata.Kind} {owner.Metadata.Name} has no uid yet; it cannot own anything.", nameof(owner)),
            Controller = true,
            BlockOwnerDeletion = true,
        };
    }

    /// <summary>Makes <paramref name="owner"/> the controller of <paramref name="child"/>.</summary>
    /// <exception cref="InvalidOperationException">The child has another controller, or the owner is of another namespace.</exception>
    public static void SetController<T>(IKubernetesObject child, T owner)
        where T : class, IKubernetesObject
    {
        if (EntityMetadata.Of<T>().Namespaced && owner.Metadata.Namespace != child.Metadata.Namespace)
        {
            throw new InvalidOperationException(
                $"{owner.Metadata.Namespace}/{owner.Metadata.Name} cannot own {child.Metadata.Namespace}/{child.Metadata.Name}: an owner is of the same namespace.");
        }

        var reference = ToController(owner);
        var references = child.Metadata.OwnerReferences ??= [];
        if (references.Find(r => r.Controller == true && r.Uid != reference.Uid) is { } other)
            throw new InvalidOperationException($"{child.Metadata.Name} is already controlled by the {other.Kind} {other.Name}.");
        references.RemoveAll(r => r.Uid == reference.Uid);
        references.Add(reference);
    }

    /// <summary>The reference to the controller; null when there is none.</summary>
    public static V1OwnerReference? ControllerOf(IKubernetesObject child) => child.Metadata.OwnerReferences?.Find(r => r.Controller == true);

    /// <summary>The key of the <typeparamref name="TOwner"/> that controls <paramref name="child"/>; null when none does.</summary>
    public static EntityKey? ControllerKey<TOwner>(IKubernetesObject child)
        where TOwner : class, IKubernetesObject
    {
        if (ControllerOf(child) is not { Name: { } name } reference) return null;
        var owner = EntityMetadata.Of<TOwner>();
        var slash = reference.ApiVersion?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        var group = slash < 0 ? "" : reference.ApiVersion![..slash];
        if (reference.Kind != owner.Kind || group != owner.Group) return null;
        return new EntityKey(owner.Namespaced ? child.Metadata.Namespace : null, name);
    }
}
