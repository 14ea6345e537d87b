using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.LeaderElection;

/// <summary>The leases that an elector writes.</summary>
internal static class LeaseRecord
{
    /// <summary>A lease that did not exist.</summary>
    public static V1Lease Fresh(LeaseElectorOptions options, DateTimeOffset now) => new()
    {
        Metadata = new V1ObjectMeta { Name = options.Name, Namespace = options.Namespace },
        Spec = Held(options, now),
    };

    /// <summary>The lease taken over, or renewed when it is ours; the resourceVersion makes a race fail.</summary>
    public static V1Lease Taken(V1Lease current, LeaseElectorOptions options, DateTimeOffset now)
    {
        var spec = Held(options, now);
        var isOurs = current.Spec?.HolderIdentity == options.Identity;
        if (isOurs) spec.AcquireTime = current.Spec!.AcquireTime ?? now;
        spec.LeaseTransitions = isOurs ? Transitions(current) : Math.Min(Transitions(current), int.MaxValue - 1) + 1;
        // Labels and owners that others put there stay; only the spec is ours.
        return new V1Lease { Metadata = current.Metadata, Spec = spec };
    }

    /// <summary>The lease of nobody, as client-go leaves it: without a holder, with a duration of a second.</summary>
    public static V1Lease Released(V1Lease current, DateTimeOffset now) => new()
    {
        Metadata = current.Metadata,
        Spec = new V1LeaseSpec
        {
            HolderIdentity = "",
            LeaseDurationSeconds = 1,
            AcquireTime = now,
            RenewTime = now,
            LeaseTransitions = Transitions(current),
        },
    };

    private static V1LeaseSpec Held(LeaseElectorOptions options, DateTimeOffset now) => new()
    {
        HolderIdentity = options.Identity,
        LeaseDurationSeconds = (int)Math.Ceiling(options.LeaseDuration.TotalSeconds),
        AcquireTime = now,
        RenewTime = now,
        LeaseTransitions = 0,
    };

    private static int Transitions(V1Lease lease) => Math.Max(0, lease.Spec?.LeaseTransitions ?? 0);
}
