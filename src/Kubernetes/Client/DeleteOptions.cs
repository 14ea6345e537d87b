namespace GpuStack.Kubernetes.Client;

/// <summary>How to delete.</summary>
public sealed record DeleteOptions
{
    /// <summary>Seconds that a pod gets to end; 0 removes it at once; null leaves its own setting.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>What happens to the objects it owns.</summary>
    public PropagationPolicy? PropagationPolicy { get; init; }

    /// <summary>Delete only the object that is meant; Conflict otherwise.</summary>
    public DeletePreconditions? Preconditions { get; init; }
}
