using System.Collections.Immutable;
using GpuStack.Operator.Supervision.Peers;

namespace GpuStack.Operator.Supervision.Workers;

/// <summary>The workers that one run of a llama.cpp leader's engine connected to.</summary>
internal sealed class WorkersRun(SupervisorOptions options, WorkerStatusClient status, ImmutableArray<DateTimeOffset> startTimes, TimeProvider time) : IPeerWatch
{
    public DateTimeOffset? Epoch(DateTimeOffset started) => null;

    public Task<Verdict> WatchAsync(RunningEngine engine, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var watch = WorkersWatch.Of(options.Workers, startTimes, options.WorkerGrace);
        return PeerLooks.RepeatAsync(LookAsync, options.PollInterval, time, cancellationToken);

        async Task<Verdict?> LookAsync(CancellationToken token)
        {
            (watch, var lost) = watch.Observe(time.GetElapsedTime(start), await status.AskAsync(token));
            return lost is null ? null : new Verdict(lost, VerdictCause.Workers);
        }
    }

    /// <summary>
    /// llama-server aborts as soon as a connection breaks, before the next look would tell. A worker that does not answer at such a moment
    /// counts as lost.
    /// </summary>
    public async Task<Verdict?> LostAsync(RunningEngine engine, CancellationToken cancellationToken)
    {
        var (_, lost) = WorkersWatch.Of(options.Workers, startTimes, TimeSpan.Zero).Observe(TimeSpan.Zero, await status.AskAsync(cancellationToken));
        return lost is null ? null : new Verdict(lost, VerdictCause.Workers);
    }

    public Task ServingAsync(Task ready) => ready;

    public long? WholeSince(long ready) => ready;

    public Task UnneededAsync(RunningEngine engine, CancellationToken cancellationToken) => Task.CompletedTask;
}
