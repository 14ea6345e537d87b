using GpuStack.Operator.Supervision.Processes;
using GpuStack.Operator.Supervision.Status;
using GpuStack.RealEngines.Groups;

namespace GpuStack.RealEngines.Faults;

/// <summary>Does something to a group that serves, and looks on until it serves again.</summary>
internal static class FaultRun
{
    private const int SigStop = 19;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <param name="group">It must serve.</param>
    /// <param name="fault">What to do.</param>
    /// <param name="worker">The worker to do it to, where it is one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TimeoutException">The group did not come back; the message ends with what the processes wrote.</exception>
    public static async Task<GroupRecovery> InjectAsync(RealGroup group, GroupFault fault, int worker, CancellationToken cancellationToken)
    {
        var victim = fault is GroupFault.LeaderKilled or GroupFault.LeaderFrozen ? group.Leader : group.Workers[worker];
        var victimBefore = await victim.RunningAsync(cancellationToken);
        var leaderBefore = await group.Leader.RunningAsync(cancellationToken);
        using var generation = fault == GroupFault.WorkerKilledIdle ? null : await group.Api.BeginAsync(cancellationToken);

        var start = TimeProvider.System.GetTimestamp();
        SupervisedEngine.Signal(victimBefore, fault is GroupFault.WorkerFrozen or GroupFault.LeaderFrozen ? SigStop : PosixProcess.SigKill);
        TimeSpan? seenByVictim = null, seenByLeader = null, notReady = null, running = null;
        while (running is null)
        {
            var victimNow = await victim.StatusAsync(cancellationToken);
            if (IsAnother(victimBefore, victimNow))
                seenByVictim ??= Elapsed();
            if (!await group.Leader.ReadyAsync(cancellationToken))
                notReady ??= Elapsed();
            var leaderNow = await group.Leader.StatusAsync(cancellationToken);
            if (IsAnother(leaderBefore, leaderNow))
                seenByLeader ??= Elapsed();
            if (leaderNow is { State: "Running", Engine.Running: true } && leaderNow.Engine.StartTime != leaderBefore.Engine.StartTime)
                running = Elapsed();
            else if (Elapsed() > Limit)
                throw new TimeoutException($"The group did not come back. The leader wrote:\n{group.Leader.Log}\n{victim.Name} wrote:\n{victim.Log}");
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
        await group.Api.CompleteAsync(1, cancellationToken);
        var serving = Elapsed();
        return new GroupRecovery
        {
            // Whatever happened between two looks was seen by the second.
            SeenByVictim = seenByVictim ?? running.Value,
            SeenByLeader = seenByLeader ?? running.Value,
            NotReady = notReady ?? running.Value,
            Running = running.Value,
            Serving = serving,
            Victim = await victim.RunningAsync(cancellationToken),
            Leader = await group.Leader.RunningAsync(cancellationToken),
            AnswerReachedItsEnd = generation is null ? null : await generation.ReachesItsEndAsync(cancellationToken),
        };

        TimeSpan Elapsed() => TimeProvider.System.GetElapsedTime(start);
    }

    private static bool IsAnother(StatusDocument before, StatusDocument? now) =>
        now is not null && (now.State != before.State || now.Engine.StartTime != before.Engine.StartTime);
}
