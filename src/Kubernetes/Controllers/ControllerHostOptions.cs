namespace GpuStack.Kubernetes.Controllers;

/// <summary>How the host starts and stops.</summary>
public sealed record ControllerHostOptions
{
    /// <summary>How long the first lists may take before the start counts as failed.</summary>
    public TimeSpan CacheSyncTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long the whole stop may take: two thirds for workers and the release of the lease, the rest for what comes
    /// after them. Shorter than the pod's <c>terminationGracePeriodSeconds</c>.
    /// </summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
