using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>How a reconciliation ended.</summary>
public sealed class ReconciliationResult<T>
    where T : class, IKubernetesObject
{
    private ReconciliationResult(T entity)
    {
        Entity = entity;
    }

    /// <summary>The object as the reconciler left it.</summary>
    public T Entity { get; }

    /// <summary>False: the object is tried again after its back-off, unless <see cref="IsTerminal"/>.</summary>
    public bool IsSuccess { get; private init; }

    /// <summary>True for a failure that is not tried again.</summary>
    public bool IsTerminal { get; private init; }

    /// <summary>What went wrong.</summary>
    public string? ErrorMessage { get; private init; }

    /// <summary>What went wrong, if it was thrown.</summary>
    public Exception? Error { get; private init; }

    /// <summary>
    /// When to look again; zero or less: at once. On success this forgets the back-off; on failure it replaces the next delay.
    /// </summary>
    public TimeSpan? RequeueAfter { get; private init; }

    /// <summary>Done; look again after <paramref name="requeueAfter"/>, or only when something changes.</summary>
    public static ReconciliationResult<T> Success(T entity, TimeSpan? requeueAfter = null) => new(entity) { IsSuccess = true, RequeueAfter = requeueAfter };

    /// <summary>Not done; try again after the back-off, or after <paramref name="requeueAfter"/>.</summary>
    public static ReconciliationResult<T> Failure(T entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null) =>
        new(entity) { ErrorMessage = errorMessage, Error = error, RequeueAfter = requeueAfter };

    /// <summary>Not done, and trying again would not help: wait for a change. The back-off is forgotten.</summary>
    public static ReconciliationResult<T> Terminal(T entity, string errorMessage, Exception? error = null) =>
        new(entity) { IsTerminal = true, ErrorMessage = errorMessage, Error = error };
}
