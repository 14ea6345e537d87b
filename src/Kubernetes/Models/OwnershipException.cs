namespace GpuStack.Kubernetes.Models;

/// <summary>An object belongs to somebody else; the message names both.</summary>
public sealed class OwnershipException : InvalidOperationException
{
    private OwnershipException(string message, V1OwnerReference? controller)
        : base(message) => Controller = controller;

    /// <summary>Who controls the object; null when nobody does, or when the owner is of another namespace.</summary>
    public V1OwnerReference? Controller { get; }

    internal static OwnershipException Of(string kind, IKubernetesObject entity)
    {
        var name = $"The {kind} {EntityKey.Of(entity)}";
        return OwnerReferences.ControllerOf(entity) is { } controller
            ? new OwnershipException($"{name} is already controlled by the {controller.Kind} {controller.Name} (uid {controller.Uid}); rename one of the two, or delete it.", controller)
            : new OwnershipException($"{name} exists and no controller owns it; delete it, or give it another name.", null);
    }

    internal static OwnershipException OtherNamespace(string ownerKind, IKubernetesObject owner, IKubernetesObject child) => new(
        $"The {ownerKind} {EntityKey.Of(owner)} cannot own {EntityKey.Of(child)}: what it owns must be in its namespace.", null);
}
