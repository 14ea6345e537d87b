using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>Brings the cluster to what an object asks for.</summary>
public interface IEntityController<T>
    where T : class, IKubernetesObject
{
    /// <summary>
    /// Called with the cached object (a copy that may be changed) after it, or something that belongs to it, changed; not
    /// while it is being deleted. Must be idempotent. Never runs twice at a time for one object. An exception counts as a
    /// failure.
    /// </summary>
    Task<ReconciliationResult<T>> ReconcileAsync(T entity, CancellationToken cancellationToken);

    /// <summary>
    /// Called once the object is gone from the cache, with its last known state; again after a failure or when it asks to
    /// come back. Not called when an object of that name exists again by then, nor for what went while this process did not
    /// work: clean up with a finalizer or owner references, and let go here of what is in memory.
    /// </summary>
    Task<ReconciliationResult<T>> DeletedAsync(T entity, CancellationToken cancellationToken) =>
        Task.FromResult(ReconciliationResult<T>.Success(entity));
}
