using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Controllers.Children;

/// <summary>Creates what belongs to an object.</summary>
public static class ChildCreation
{
    /// <summary>
    /// Creates <paramref name="child"/> under the control of <paramref name="owner"/>. An object of that name that the owner
    /// controls already is as good: it is returned as it is (perhaps different from what was asked, perhaps being deleted).
    /// </summary>
    /// <exception cref="OwnershipException">An object of that name belongs to somebody else, or to nobody.</exception>
    /// <exception cref="KubernetesException">The server refused; AlreadyExists only when the object vanished at that moment.</exception>
    public static async Task<TChild> CreateChildAsync<TChild, TOwner>(this IKubernetesClient client, TChild child, TOwner owner, CancellationToken cancellationToken = default)
        where TChild : class, IKubernetesObject
        where TOwner : class, IKubernetesObject
    {
        OwnerReferences.SetController(child, owner);
        try
        {
            return await client.CreateAsync(child, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException e) when (e.IsAlreadyExists)
        {
            var existing = await client.GetAsync<TChild>(child.Metadata.Name!, child.Metadata.Namespace, cancellationToken).ConfigureAwait(false);
            if (existing is null) throw;
            if (OwnerReferences.ControllerOf(existing) is { } controller && controller.Uid == owner.Metadata.Uid) return existing;
            throw OwnershipException.Of(EntityMetadata.Of<TChild>().Kind, existing);
        }
    }
}
