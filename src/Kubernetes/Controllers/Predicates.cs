using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>Which changes are worth a reconciliation.</summary>
public static class Predicates
{
    /// <summary>
    /// Everything but updates that leave the generation alone: status, labels and annotations. A deletion that was asked
    /// for counts, and so do finalizers, which hold a deletion up.
    /// </summary>
    public static bool GenerationChanged<T>(InformerEvent<T> change)
        where T : class, IKubernetesObject
    {
        if (change.Type != InformerEventType.Updated || change.Previous is not { } previous) return true;
        var (before, after) = (previous.Metadata, change.Object.Metadata);
        return before.Generation != after.Generation
            || before.Uid != after.Uid
            || before.DeletionTimestamp is null != after.DeletionTimestamp is null
            || (after.DeletionTimestamp is not null && before.Finalizers?.Count != after.Finalizers?.Count);
    }

    /// <summary>As <see cref="GenerationChanged"/>, and updates of labels or annotations.</summary>
    public static bool GenerationOrMetadataChanged<T>(InformerEvent<T> change)
        where T : class, IKubernetesObject => GenerationChanged(change)
            || !Same(change.Previous?.Metadata.Labels, change.Object.Metadata.Labels)
            || !Same(change.Previous?.Metadata.Annotations, change.Object.Metadata.Annotations);

    private static bool Same(Dictionary<string, string>? left, Dictionary<string, string>? right)
    {
        if (left is null || right is null) return (left?.Count ?? 0) == (right?.Count ?? 0);
        return left.Count == right.Count && left.All(pair => right.TryGetValue(pair.Key, out var value) && value == pair.Value);
    }
}
