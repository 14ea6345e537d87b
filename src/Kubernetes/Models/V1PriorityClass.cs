namespace GpuStack.Kubernetes.Models;

/// <summary>How important pods of a class are.</summary>
[KubernetesEntity(Group = "scheduling.k8s.io", ApiVersion = "v1", Kind = "PriorityClass", PluralName = "priorityclasses", Namespaced = false)]
public sealed class V1PriorityClass : KubernetesObject
{
    /// <summary>The priority; higher goes first.</summary>
    public int? Value { get; set; }

    /// <summary>The class of pods that name none.</summary>
    public bool? GlobalDefault { get; set; }
}
