using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>One page of objects.</summary>
public sealed class KubernetesList<T>
    where T : class, IKubernetesObject
{
    /// <summary>The list's resourceVersion and where the next page starts.</summary>
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects; apiVersion and kind are filled in although servers leave them out here.</summary>
    public List<T> Items { get; set; } = [];
}
