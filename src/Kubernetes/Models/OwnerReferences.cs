namespace GpuStack.Kubernetes.Models;

/// <summary>Ties objects to the ones they belong to.</summary>
public static class OwnerReferences
{
    /// <summary>A reference that makes <paramref name="owner"/> the controller; deletion of the owner waits for it.</summary>
    /// <exception cref="ArgumentException">The owner was not read from the server: it has no uid.</exception>
    public static V1OwnerReference ToController<T>(T owner)
        where T : class, IKubernetesObject
    {
        var reference = ToOwner(owner);
        reference.Controller = true;
        reference.BlockOwnerDeletion = true;
        return reference;
    }

    /// <summary>Makes <paramref name="owner"/> the controller of <paramref name="child"/>.</summary>
    /// <exception cref="OwnershipException">The child has another controller, or the owner is of another namespace.</exception>
    /// <exception cref="ArgumentException">The owner was not read from the server: it has no uid.</exception>
    public static void SetController<T>(IKubernetesObject child, T owner)
        where T : class, IKubernetesObject
    {
        var reference = ToController(owner);
        CheckNamespace(child, owner);
        if (child.Metadata.OwnerReferences?.Exists(r => r.Controller == true && r.Uid != reference.Uid) == true)
            throw OwnershipException.Of(child.Kind ?? "object", child);
        Put(child, reference);
    }

    /// <summary>
    /// Makes <paramref name="owner"/> one of the owners of <paramref name="child"/>, which goes when the last of them has gone.
    /// A controller stays one.
    /// </summary>
    /// <exception cref="OwnershipException">The owner is of another namespace.</exception>
    /// <exception cref="ArgumentException">The owner was not read from the server: it has no uid.</exception>
    public static void AddOwner<T>(IKubernetesObject child, T owner)
        where T : class, IKubernetesObject
    {
        var reference = ToOwner(owner);
        CheckNamespace(child, owner);
        if (child.Metadata.OwnerReferences?.Exists(r => r.Uid == reference.Uid) != true) Put(child, reference);
    }

    /// <summary>The reference to the controller; null when there is none.</summary>
    public static V1OwnerReference? ControllerOf(IKubernetesObject child) => child.Metadata.OwnerReferences?.Find(r => r.Controller == true);

    /// <summary>The key of the <typeparamref name="TOwner"/> that controls <paramref name="child"/>; null when none does.</summary>
    public static EntityKey? ControllerKey<TOwner>(IKubernetesObject child)
        where TOwner : class, IKubernetesObject => ControllerOf(child) is { } reference ? KeyOf<TOwner>(reference, child) : null;

    /// <summary>The keys of the <typeparamref name="TOwner"/> objects that own <paramref name="child"/>.</summary>
    /// <param name="child">The child.</param>
    /// <param name="every">Also those that do not control it.</param>
    public static IEnumerable<EntityKey> OwnerKeys<TOwner>(IKubernetesObject child, bool every = true)
        where TOwner : class, IKubernetesObject
    {
        foreach (var reference in child.Metadata.OwnerReferences ?? [])
        {
            if ((every || reference.Controller == true) && KeyOf<TOwner>(reference, child) is { } key) yield return key;
        }
    }

    private static V1OwnerReference ToOwner<T>(T owner)
        where T : class, IKubernetesObject
    {
        var metadata = EntityMetadata.Of<T>();
        return new V1OwnerReference
        {
            ApiVersion = metadata.ApiVersion,
            Kind = metadata.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid ?? throw new ArgumentException($"The {metadata.Kind} {owner.Metadata.Name} has no uid yet; it cannot own anything.", nameof(owner)),
        };
    }

    /// <summary>A cluster-scoped owner may own anything; any other only what is beside it, or the garbage collector deletes the child.</summary>
    private static void CheckNamespace<T>(IKubernetesObject child, T owner)
        where T : class, IKubernetesObject
    {
        var metadata = EntityMetadata.Of<T>();
        if (metadata.Namespaced && owner.Metadata.Namespace != child.Metadata.Namespace) throw OwnershipException.OtherNamespace(metadata.Kind, owner, child);
    }

    private static void Put(IKubernetesObject child, V1OwnerReference reference)
    {
        var references = child.Metadata.OwnerReferences ??= [];
        references.RemoveAll(r => r.Uid == reference.Uid);
        references.Add(reference);
    }

    private static EntityKey? KeyOf<TOwner>(V1OwnerReference reference, IKubernetesObject child)
        where TOwner : class, IKubernetesObject
    {
        if (reference.Name is not { } name) return null;
        var owner = EntityMetadata.Of<TOwner>();
        var slash = reference.ApiVersion?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        var group = slash < 0 ? "" : reference.ApiVersion![..slash];
        if (reference.Kind != owner.Kind || group != owner.Group) return null;
        if (!owner.Namespaced) return new EntityKey(null, name);
        return child.Metadata.Namespace is { } space ? new EntityKey(space, name) : null;
    }
}
