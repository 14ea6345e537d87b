using System.Collections.Immutable;

namespace GpuStack.Operator.Supervision.Groups;

/// <summary>
/// Whether the followers of the coordinator's running engine are with it. A follower joins once its engine runs for this epoch. From then on
/// another engine, none, or another supervisor is final; silence and an engine of another epoch have a grace; one that does not join in time
/// is lost too. So every run either is whole after the join timeout, or ends. Pure.
/// </summary>
/// <param name="Followers">In the order of their answers.</param>
/// <param name="Epoch">The start time of the coordinator's engine.</param>
/// <param name="Grace">For silence, and for an engine of another epoch.</param>
/// <param name="JoinTimeout">From the coordinator's start until a follower's engine must run.</param>
/// <param name="Seen">What is known of each.</param>
internal sealed record FollowersWatch(
    ImmutableArray<PeerEndpoint> Followers, DateTimeOffset Epoch, TimeSpan Grace, TimeSpan JoinTimeout, ImmutableArray<FollowerSeen> Seen)
{
    /// <summary>At the engine's start. What is known of the supervisors is when each started, as it said at the barrier; null when it did not.</summary>
    public static FollowersWatch Of(
        ImmutableArray<PeerEndpoint> followers, ImmutableArray<DateTimeOffset?> supervisors, DateTimeOffset epoch, TimeSpan grace, TimeSpan joinTimeout) =>
        new(followers, epoch, grace, joinTimeout, [.. supervisors.Select(started => new FollowerSeen(started))]);

    /// <summary>All joined, and said at the last look that they are ready.</summary>
    public bool Whole => Seen.All(seen => seen is { Joined: not null, Ready: true });

    /// <summary>The watch after a look at all followers, and why the group must start anew; null when it need not.</summary>
    /// <param name="now">Time since the engine's start.</param>
    /// <param name="answers">What they answered, in their order.</param>
    public (FollowersWatch Next, string? Lost) Observe(TimeSpan now, ImmutableArray<PeerAnswer> answers)
    {
        var next = this with { Seen = [.. answers.Select((answer, i) => Look(Seen[i], now, answer))] };
        for (var i = 0; i < answers.Length; i++)
        {
            if (next.Reason(next.Seen[i], now, answers[i]) is { } reason)
                return (next, $"follower {Followers[i]} {reason}");
        }
        return (next, null);
    }

    private FollowerSeen Look(FollowerSeen seen, TimeSpan now, PeerAnswer answer)
    {
        if (answer.Failure is not null)
            return seen with { SilentSince = seen.SilentSince ?? now, Ready = false };
        var other = answer.Running && answer.Epoch != Epoch;
        return seen with
        {
            SilentSince = null,
            OtherSince = other ? seen.OtherSince ?? now : null,
            Joined = seen.Joined ?? (answer.Running && answer.Epoch == Epoch ? answer.StartTime : null),
            Ready = answer.Is(SupervisorState.Running),
        };
    }

    private string? Reason(FollowerSeen seen, TimeSpan now, PeerAnswer answer)
    {
        if (answer.Failure is { } failure)
            return now - seen.SilentSince >= Grace ? $"is away for {Grace.TotalSeconds:0.###} s: {failure}" : null;
        if (seen.Supervisor is { } before && answer.Started is { } started && started != before)
            return "has another supervisor: its container or pod started anew";
        if (!answer.Running && (seen.Joined is not null || answer.Epoch == Epoch))
            return answer.LastEnd.Length > 0 ? $"lost its engine: {answer.LastEnd}" : "lost its engine";
        if (seen.Joined is { } joined)
            return answer.StartTime == joined && answer.Epoch == Epoch ? null : $"restarted its engine at {answer.StartTime:HH:mm:ss.fff}Z";
        if (seen.OtherSince is { } since && now - since >= Grace)
            return $"runs an engine of another epoch for {Grace.TotalSeconds:0.###} s";
        return now >= JoinTimeout ? $"did not start its engine within {JoinTimeout.TotalSeconds:0.###} s: {(answer.Message.Length > 0 ? answer.Message : answer.State)}" : null;
    }
}
