namespace GpuStack.Kubernetes.Models;

/// <summary>A namespace.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Namespace", PluralName = "namespaces", Namespaced = false)]
public sealed class V1Namespace : KubernetesObject
{
    public V1NamespaceSpec? Spec { get; set; }

    public V1NamespaceStatus? Status { get; set; }
}

public sealed class V1NamespaceSpec
{
    public List<string>? Finalizers { get; set; }
}

public sealed class V1NamespaceStatus
{
    public string? Phase { get; set; }

    public List<V1Condition>? Conditions { get; set; }
}
