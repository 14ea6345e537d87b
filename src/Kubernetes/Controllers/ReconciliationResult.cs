using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>How a reconciliation ended.</summary>
public sealed class ReconciliationResult<T>
    where T : class, IKubernetesObject
{
    private ReconciliationResult(T entity, bool isSuccess, string? errorMessage, Exception? error, TimeSpan? requeueAfter)
    {
        Entity = entity;
        IsSuccess = isSuccess;
        ErrorMessage = errorMessage;
        Error = error;
        RequeueAfter = requeueAfter;
    }

    /// <summary>The object as the reconciler left it.</summary>
    public T Entity { get; }

    /// <summary>False: the object is tried again after its back-off.</summary>
    public bool IsSuccess { get; }

    /// <summary>What went wrong.</summary>
    public string? ErrorMessage { get; }

    /// <summary>What went wrong, if it was thrown.</summary>
    public Exception? Error { get; }

    /// <summary>
    /// When to look again. On success this forgets the back-off; on failure it replaces the next delay.
    /// </summary>
    public TimeSpan? RequeueAfter { get; }

    /// <summary>Done; look again after <paramref name="requeueAfter"/>, or only when something changes.</summary>
    public static ReconciliationResult<T> Success(T entity, TimeSpan? requeueAfter = null) => new(entity, isSuccess: true, null, null, requeueAfter);

    /// <summary>Not done; try again after the back-off, or after <paramref name="requeueAfter"/>.</summary>
    public static ReconciliationResult<T> Failure(T entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null) =>
        new(entity, isSuccess: false, errorMessage, error, requeueAfter);
}
