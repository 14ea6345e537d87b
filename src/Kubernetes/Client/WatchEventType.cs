namespace GpuStack.Kubernetes.Client;

/// <summary>What happened to a watched object. Errors are thrown, not handed on.</summary>
public enum WatchEventType
{
    /// <summary>The object came into being, or into view of the selector.</summary>
    Added,

    /// <summary>The object changed.</summary>
    Modified,

    /// <summary>The object went, or went out of view of the selector.</summary>
    Deleted,

    /// <summary>Nothing happened up to the resourceVersion given.</summary>
    Bookmark,
}
