namespace GpuStack.Kubernetes.Controllers;

/// <summary>How the host starts.</summary>
public sealed record ControllerHostOptions
{
    /// <summary>How long the first lists may take before the start counts as failed.</summary>
    public TimeSpan CacheSyncTimeout { get; init; } = TimeSpan.FromMinutes(2);
}
