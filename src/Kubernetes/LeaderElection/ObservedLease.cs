using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.LeaderElection;

/// <summary>What a candidate knows of the lease, and since when by its own clock. Of one elector's loop alone.</summary>
/// <remarks>
/// The record's times are never read: clocks differ. A record counts as renewed whenever it is seen to have changed, and
/// so does one that vanishes, whoever held it when it was last seen: somebody may have taken or renewed it a moment before
/// it was deleted. What stays open is a lease that is deleted before a candidate has seen it at all.
/// </remarks>
internal sealed class ObservedLease(string identity, TimeSpan ownDuration, TimeProvider time)
{
    private long _changedAt;
    private bool _vanished;

    /// <summary>The lease as the server knew it last; null when there was none.</summary>
    public V1Lease? Lease { get; private set; }

    /// <summary>Whether the last record names us.</summary>
    public bool IsOurs => !_vanished && Holder == identity;

    /// <summary>Who holds the lease by its last record; null when nobody does.</summary>
    public string? Holder => Lease?.Spec?.HolderIdentity is { Length: > 0 } holder ? holder : null;

    // A record without a sensible duration is waited out as if it were one of ours.
    private TimeSpan Duration => Lease?.Spec?.LeaseDurationSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : ownDuration;

    /// <summary>Whether nobody else can believe that it leads.</summary>
    /// <param name="leads">Whether we do, and so nobody else can have taken the lease since we saw it.</param>
    public bool MayTake(bool leads)
    {
        if (_vanished && Lease is not null) return leads || time.GetElapsedTime(_changedAt) >= Longer(Duration, ownDuration);
        return Holder is null || Holder == identity || time.GetElapsedTime(_changedAt) >= Duration;
    }

    /// <summary>Notes what was read; null: the lease does not exist.</summary>
    public void Saw(V1Lease? lease)
    {
        if (lease is null)
        {
            if (_vanished) return;
            _vanished = true;
            _changedAt = time.GetTimestamp();
            return;
        }

        if (_vanished || !SameRecord(Lease, lease)) _changedAt = time.GetTimestamp();
        _vanished = false;
        Lease = lease;
    }

    /// <summary>Notes what the server stored of ours.</summary>
    public void Wrote(V1Lease lease)
    {
        Lease = lease;
        _vanished = false;
        _changedAt = time.GetTimestamp();
    }

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private static bool SameRecord(V1Lease? left, V1Lease right) =>
        left is not null
        && left.Metadata.Uid == right.Metadata.Uid
        && left.Spec?.HolderIdentity == right.Spec?.HolderIdentity
        && left.Spec?.RenewTime == right.Spec?.RenewTime
        && left.Spec?.AcquireTime == right.Spec?.AcquireTime
        && left.Spec?.LeaseTransitions == right.Spec?.LeaseTransitions
        && left.Spec?.LeaseDurationSeconds == right.Spec?.LeaseDurationSeconds;
}
