namespace GpuStack.Kubernetes.LeaderElection;

/// <summary>Which lease, who we are and the times. Lease duration &gt; renew deadline &gt; 1.2 × retry period.</summary>
public sealed record LeaseElectorOptions
{
    /// <summary>The lease's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The lease's name.</summary>
    public required string Name { get; init; }

    /// <summary>Our name, unique among the candidates; the pod's name.</summary>
    public required string Identity { get; init; }

    /// <summary>How long a candidate waits after the last change it saw before it takes a lease over.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader tries to renew before it gives up.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between two tries.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    internal void Validate()
    {
        if (Name.Length == 0 || Namespace.Length == 0 || Identity.Length == 0)
            throw new ArgumentException("A lease needs a name, a namespace and the identity of the candidate; give all three.");
        if (LeaseDuration <= RenewDeadline)
            throw new ArgumentException($"The lease duration ({LeaseDuration.TotalSeconds} s) must be longer than the renew deadline ({RenewDeadline.TotalSeconds} s).");
        if (RenewDeadline <= RetryPeriod * 1.2)
            throw new ArgumentException($"The renew deadline ({RenewDeadline.TotalSeconds} s) must be longer than 1.2 × the retry period ({RetryPeriod.TotalSeconds} s).");
        if (RetryPeriod <= TimeSpan.Zero) throw new ArgumentException("The retry period must be positive.");
    }
}
