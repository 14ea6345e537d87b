namespace GpuStack.Operator.Supervision.Peers;

/// <summary>An engine that needs nobody.</summary>
internal sealed class NoPeers : IPeerGate, IPeerWatch
{
    public bool BacksOff => true;

    public Task<IPeerWatch> PassAsync(CancellationToken cancellationToken) => Task.FromResult<IPeerWatch>(this);

    public DateTimeOffset? Epoch(DateTimeOffset started) => null;

    public async Task<Verdict> WatchAsync(RunningEngine engine, CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource<Verdict>();
        return await never.Task.WaitAsync(cancellationToken);
    }

    public Task<Verdict?> LostAsync(RunningEngine engine, CancellationToken cancellationToken) => Task.FromResult<Verdict?>(null);

    public Task ServingAsync(Task ready) => ready;

    public long? WholeSince(long ready) => ready;

    public Task UnneededAsync(RunningEngine engine, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
    }
}
