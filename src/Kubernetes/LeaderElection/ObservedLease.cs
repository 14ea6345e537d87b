using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.LeaderElection;

/// <summary>What a candidate knows of the lease, and since when by its own clock. Of one elector's loop alone.</summary>
/// <remarks>
/// The record's times are never read: clocks differ. A record counts as renewed whenever it is seen to have changed, and
/// so does one that vanishes: its holder may have renewed it a moment before somebody deleted it.
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

    /// <summary>Whether nobody else can believe that it leads.</summary>
    public bool MayTake => Holder is null || Holder == identity || time.GetElapsedTime(_changedAt) >= Duration;

    // A record without a sensible duration is waited out as if it were one of ours.
    private TimeSpan Duration => Lease?.Spec?.LeaseDurationSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : ownDuration;

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

    private static bool SameRecord(V1Lease? left, V1Lease right) =>
        left is not null
        && left.Metadata.Uid == right.Metadata.Uid
        && left.Spec?.HolderIdentity == right.Spec?.HolderIdentity
        && left.Spec?.RenewTime == right.Spec?.RenewTime
        && left.Spec?.AcquireTime == right.Spec?.AcquireTime
        && left.Spec?.LeaseTransitions == right.Spec?.LeaseTransitions
        && left.Spec?.LeaseDurationSeconds == right.Spec?.LeaseDurationSeconds;
}
