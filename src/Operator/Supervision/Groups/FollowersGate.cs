using GpuStack.Operator.Supervision.Peers;

namespace GpuStack.Operator.Supervision.Groups;

/// <summary>
/// What a coordinator does before each start of its engine: waits until every follower's supervisor answers and is idle. The deadline changes
/// the state, not the waiting: an image that is pulled for an hour is no failure.
/// </summary>
internal sealed class FollowersGate(SupervisorOptions options, PeerClient peers, SupervisorBoard board, SupervisorLog log, TimeProvider time) : IPeerGate
{
    public bool BacksOff => true;

    public async Task<IPeerWatch> PassAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var roll = FollowersRoll.Of(options.Followers);
        var said = "";
        while (true)
        {
            var answers = await peers.AskAsync(options.Followers, cancellationToken);
            roll = roll.Observe(time.GetUtcNow(), answers);
            if (roll.Complete)
                return new FollowersRun(options, peers, [.. answers.Select(answer => answer.Started)], time);
            var late = time.GetElapsedTime(start) >= options.PeersTimeout;
            var message = late ? $"after {options.PeersTimeout.TotalSeconds:0.###} s still {roll.Message}" : roll.Message;
            if (message != said)
                log.Say(message);
            said = message;
            // The timer stands before anybody can see that we wait.
            var delay = Task.Delay(options.PollInterval, time, cancellationToken);
            board.Update(current => current with { State = late ? SupervisorState.Stalled : SupervisorState.Waiting, Message = message });
            await delay;
        }
    }

    public void Dispose() => peers.Dispose();
}
