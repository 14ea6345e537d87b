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
        var waiting = new PeerWait(board, log, time);
        while (true)
        {
            var answers = await peers.AskAsync(options.Followers, cancellationToken);
            roll = roll.Observe(time.GetUtcNow(), answers);
            if (roll.Complete)
                return new FollowersRun(options, peers, [.. answers.Select(answer => answer.Started)], time);
            var late = time.GetElapsedTime(start) >= options.PeersTimeout;
            var message = late ? PeerWait.Late(options.PeersTimeout, roll.Message) : roll.Message;
            await waiting.PauseAsync(message, late, options.PollInterval, cancellationToken);
        }
    }

    public void Dispose() => peers.Dispose();
}
