using GpuStack.Operator.Supervision.Peers;

namespace GpuStack.Operator.Supervision.Groups;

/// <summary>
/// What a follower does before each start of its engine: waits until the coordinator's runs with a start time that it has not served yet. It
/// never backs off by itself, so that the coordinator's barrier finds it idle as soon as its engine is gone.
/// </summary>
internal sealed class CoordinatorGate(SupervisorOptions options, PeerEndpoint coordinator, PeerClient peers, SupervisorBoard board, SupervisorLog log, TimeProvider time) : IPeerGate
{
    private DateTimeOffset? _served;

    public bool BacksOff => false;

    public async Task<IPeerWatch> PassAsync(CancellationToken cancellationToken)
    {
        var wait = new CoordinatorWait(coordinator, _served);
        var waiting = new PeerWait(board, log, time);
        while (true)
        {
            var answer = await peers.AskAsync(coordinator, cancellationToken);
            var now = time.GetUtcNow();
            wait = wait.Observe(now, answer);
            if (wait.Epoch is { } epoch)
            {
                _served = epoch;
                return new CoordinatorRun(options, coordinator, epoch, peers, time);
            }
            var late = now - wait.SilentSince >= options.PeersTimeout;
            var message = late ? PeerWait.Late(options.PeersTimeout, wait.Message) : wait.Message;
            await waiting.PauseAsync(message, late || wait.CoordinatorStalled, options.PollInterval, cancellationToken);
        }
    }

    public void Dispose() => peers.Dispose();
}
