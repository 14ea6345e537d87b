using GpuStack.Kubernetes.Informers;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Queues;

namespace GpuStack.Kubernetes.Controllers;

/// <summary>How urgent a change is.</summary>
public static class ChangePriority
{
    /// <summary>
    /// <see cref="QueuePriority.Low"/> for what is only said again (the first list, a resync), so that real changes
    /// overtake it after a start; <see cref="QueuePriority.Normal"/> for the rest.
    /// </summary>
    public static int Default<T>(InformerEvent<T> change)
        where T : class, IKubernetesObject => change.IsInitial || change.IsResync ? QueuePriority.Low : QueuePriority.Normal;
}
