using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client;

/// <summary>One change of a watched object.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object after the change; the last state for a deletion; only the resourceVersion for a bookmark.</param>
public readonly record struct WatchEvent<T>(WatchEventType Type, T Object)
    where T : class, IKubernetesObject
{
    /// <summary>Whether it is the bookmark that says that all objects that were present have been sent.</summary>
    public bool IsInitialEventsEnd =>
        Type == WatchEventType.Bookmark
        && Object.Metadata?.Annotations is { } annotations
        && annotations.GetValueOrDefault("k8s.io/initial-events-end") == "true";
}
