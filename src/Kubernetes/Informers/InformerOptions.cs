using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Informers;

/// <summary>What an informer watches and keeps.</summary>
public sealed record InformerOptions<T>
    where T : class, IKubernetesObject
{
    /// <summary>Null for all namespaces.</summary>
    public string? Namespace { get; init; }

    /// <summary>Such as <c>app.kubernetes.io/managed-by=gpustack-operator</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Such as <c>metadata.name=a</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Takes out of a fresh object what nobody reads, before it is cached; managedFields go in any case.</summary>
    public Action<T>? Trim { get; init; }
}
