namespace GpuStack.Kubernetes.Informers;

/// <summary>How a cached object changed.</summary>
public enum InformerEventType
{
    /// <summary>It is new to the cache.</summary>
    Added,

    /// <summary>It replaced an older state.</summary>
    Updated,

    /// <summary>It is gone.</summary>
    Deleted,
}
