namespace GpuStack.Operator.Supervision.Groups;

/// <summary>What the coordinator knows of one follower; times are since its own engine's start.</summary>
/// <param name="Supervisor">When the follower's supervisor started, as it said at the barrier.</param>
/// <param name="Joined">The start time of its engine for this epoch; null until one runs.</param>
/// <param name="SilentSince">Since when it does not answer; null while it does.</param>
/// <param name="OtherSince">Since when it runs an engine of another epoch; null while it does not.</param>
/// <param name="Ready">It said so at the last look.</param>
internal sealed record FollowerSeen(
    DateTimeOffset? Supervisor, DateTimeOffset? Joined = null, TimeSpan? SilentSince = null, TimeSpan? OtherSince = null, bool Ready = false);
