using System.Collections.Immutable;
using GpuStack.Operator.Supervision.Peers;

namespace GpuStack.Operator.Supervision.Groups;

/// <summary>The followers of one run of the coordinator's engine.</summary>
/// <param name="options">Of the coordinator.</param>
/// <param name="peers">Asks them.</param>
/// <param name="supervisors">When their supervisors started, as said at the barrier.</param>
/// <param name="time">The clock.</param>
internal sealed class FollowersRun(SupervisorOptions options, PeerClient peers, ImmutableArray<DateTimeOffset?> supervisors, TimeProvider time) : IPeerWatch
{
    private readonly long _start = time.GetTimestamp();
    private FollowersWatch? _watch;
    private long? _whole;

    public DateTimeOffset? Epoch(DateTimeOffset started) => started;

    public Task<Verdict> WatchAsync(RunningEngine engine, CancellationToken cancellationToken) =>
        PeerLooks.RepeatAsync(token => LookAsync(engine, token), options.PollInterval, time, cancellationToken);

    public Task<Verdict?> LostAsync(RunningEngine engine, CancellationToken cancellationToken) => LookAsync(engine, cancellationToken);

    public Task ServingAsync(Task ready) => ready;

    public long? WholeSince(long ready) => _whole is { } whole ? Math.Max(whole, ready) : null;

    /// <summary>A head holds the group together for a leader that finishes its requests. Members wait for it in turn, and are not waited for.</summary>
    public async Task UnneededAsync(RunningEngine engine, CancellationToken cancellationToken)
    {
        if (options.Role != SupervisorRole.Head)
            return;
        var patience = new StopPatience();
        while (true)
        {
            var answers = await peers.AskAsync(options.Followers, cancellationToken);
            var leaders = answers.Where(answer => answer.Running && answer.Role == nameof(SupervisorRole.Leader)).ToList();
            if (leaders.Count == 0 || !patience.GoesOn(leaders.Exists(answer => answer.Is(SupervisorState.Stopping))))
                return;
            await Task.Delay(options.PollInterval, time, cancellationToken);
        }
    }

    private async Task<Verdict?> LookAsync(RunningEngine engine, CancellationToken cancellationToken)
    {
        _watch ??= FollowersWatch.Of(options.Followers, supervisors, engine.StartTime, options.PeerGrace, options.JoinTimeout);
        var answers = await peers.AskAsync(options.Followers, cancellationToken);
        (_watch, var lost) = _watch.Observe(time.GetElapsedTime(_start), answers);
        if (_watch.Whole)
            _whole ??= time.GetTimestamp();
        return lost is null ? null : new Verdict(lost, VerdictCause.Group);
    }
}
