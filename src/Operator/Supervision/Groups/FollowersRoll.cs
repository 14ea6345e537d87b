using System.Collections.Immutable;

namespace GpuStack.Operator.Supervision.Groups;

/// <summary>
/// The coordinator's barrier: its engine starts only while every follower's supervisor answers and is idle, since an engine of another epoch
/// would join, or hold the GPUs. Pure; one roll a wait.
/// </summary>
internal sealed record FollowersRoll(ImmutableArray<PeerEndpoint> Followers, ImmutableArray<DateTimeOffset?> MissingSince, ImmutableArray<string?> Missing)
{
    private const int MaxNamed = 4;

    public static FollowersRoll Of(ImmutableArray<PeerEndpoint> followers) =>
        new(followers, [.. followers.Select(_ => (DateTimeOffset?)null)], [.. followers.Select(_ => (string?)"not asked yet")]);

    public bool Complete => Missing.All(missing => missing is null);

    /// <summary>The roll after a look at all followers, in their order.</summary>
    public FollowersRoll Observe(DateTimeOffset now, ImmutableArray<PeerAnswer> answers) => this with
    {
        MissingSince = [.. answers.Select((answer, i) => answer.Idle ? (DateTimeOffset?)null : MissingSince[i] ?? now)],
        Missing = [.. answers.Select(Reason)],
    };

    /// <summary>Names the missing, at most four of them.</summary>
    public string Message
    {
        get
        {
            var missing = Enumerable.Range(0, Followers.Length).Where(i => Missing[i] is not null).ToArray();
            var named = missing.Take(MaxNamed).Select(i => $"{Followers[i]} since {MissingSince[i]:HH:mm:ss}Z ({Missing[i]})");
            var more = missing.Length > MaxNamed ? $" and {missing.Length - MaxNamed} more" : "";
            return $"waiting for {missing.Length} of {Followers.Length} followers: {string.Join(", ", named)}{more}";
        }
    }

    private static string? Reason(PeerAnswer answer) => answer switch
    {
        { Failure: { } failure } => failure,
        { Idle: true } => null,
        { State: nameof(SupervisorState.Stopping) } => "it is being stopped",
        { Running: true } => "its former engine still runs",
        { State: var state } => $"its former engine is not gone yet: {state}",
    };
}
