using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>Cleans up what no owner reference can, before an object goes.</summary>
public interface IEntityFinalizer<T>
    where T : class, IKubernetesObject
{
    /// <summary>The finalizer's name, such as <c>inference.gpustack.io/cleanup</c>.</summary>
    string Identifier { get; }

    /// <summary>Called while the object is being deleted; on success the finalizer is taken off.</summary>
    Task<ReconciliationResult<T>> FinalizeAsync(T entity, CancellationToken cancellationToken);
}
