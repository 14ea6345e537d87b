namespace GpuStack.Kubernetes.Events;

/// <summary>Whether somebody should worry.</summary>
public enum EventType
{
    /// <summary>As it should be.</summary>
    Normal,

    /// <summary>Something is wrong.</summary>
    Warning,
}
