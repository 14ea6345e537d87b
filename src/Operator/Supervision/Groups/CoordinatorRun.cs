using GpuStack.Operator.Supervision.Peers;

namespace GpuStack.Operator.Supervision.Groups;

/// <summary>The coordinator's engine that one run of a follower's belongs to.</summary>
internal sealed class CoordinatorRun(SupervisorOptions options, PeerEndpoint coordinator, DateTimeOffset epoch, PeerClient peers, TimeProvider time) : IPeerWatch
{
    private readonly long _start = time.GetTimestamp();
    private readonly TaskCompletionSource _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CoordinatorWatch _watch = new(coordinator, epoch, options.PeerGrace);

    public DateTimeOffset? Epoch(DateTimeOffset started) => epoch;

    public Task<Verdict> WatchAsync(RunningEngine engine, CancellationToken cancellationToken) =>
        PeerLooks.RepeatAsync(LookAsync, options.PollInterval, time, cancellationToken);

    /// <summary>Nobody is asked: the coordinator is to see at once that this engine ended.</summary>
    public Task<Verdict?> LostAsync(RunningEngine engine, CancellationToken cancellationToken) => Task.FromResult<Verdict?>(null);

    public long? WholeSince(long ready) => ready;

    /// <summary>A member is ready as soon as it runs; whether the group serves, its leader says. A head does not know.</summary>
    public Task ServingAsync(Task ready) => options.Role == SupervisorRole.Leader ? ready : _serving.Task;

    /// <summary>A member computes for the coordinator's requests in flight. A leader under a head has requests of its own, and waits for those alone.</summary>
    public async Task UnneededAsync(RunningEngine engine, CancellationToken cancellationToken)
    {
        if (options.Role == SupervisorRole.Leader)
            return;
        var patience = new StopPatience();
        while (true)
        {
            var answer = await peers.AskAsync(coordinator, cancellationToken);
            if (answer.StartTime != epoch || !patience.GoesOn(answer.Is(SupervisorState.Stopping)))
                return;
            await Task.Delay(options.PollInterval, time, cancellationToken);
        }
    }

    private async Task<Verdict?> LookAsync(CancellationToken cancellationToken)
    {
        var answer = await peers.AskAsync(coordinator, cancellationToken);
        (_watch, var lost) = _watch.Observe(time.GetElapsedTime(_start), answer);
        if (lost is null && answer.Role == nameof(SupervisorRole.Leader) && answer.Is(SupervisorState.Running))
            _serving.TrySetResult();
        return lost is null ? null : new Verdict(lost, VerdictCause.Group);
    }
}
