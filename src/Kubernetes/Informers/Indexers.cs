using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Informers;

/// <summary>Functions for <see cref="Informer{T}.AddIndex"/>.</summary>
public static class Indexers
{
    /// <summary>By namespace; cluster-scoped objects are in no entry.</summary>
    public static IEnumerable<string> ByNamespace(IKubernetesObject entity) => One(entity.Metadata.Namespace);

    /// <summary>By the node that a pod is bound to.</summary>
    public static IEnumerable<string> ByNode(V1Pod pod) => One(pod.Spec?.NodeName);

    /// <summary>By the uid of the object that controls it.</summary>
    public static IEnumerable<string> ByController(IKubernetesObject entity) => One(OwnerReferences.ControllerOf(entity)?.Uid);

    /// <summary>By the value of a label.</summary>
    public static Func<IKubernetesObject, IEnumerable<string>> ByLabel(string label) =>
        entity => One(entity.Metadata.Labels?.GetValueOrDefault(label));

    private static string[] One(string? value) => string.IsNullOrEmpty(value) ? [] : [value];
}
