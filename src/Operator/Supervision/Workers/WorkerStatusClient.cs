using System.Collections.Immutable;
using GpuStack.Operator.Supervision.Status;

namespace GpuStack.Operator.Supervision.Workers;

/// <summary>Asks the workers' supervisors for their status. The RPC port is not touched.</summary>
internal sealed class WorkerStatusClient(ImmutableArray<WorkerEndpoint> workers, int statusPort, TimeSpan timeout, TimeProvider time) : IDisposable
{
    private readonly StatusReader _reader = new(timeout, time);

    /// <summary>All at once, in their order; never fails but by the token.</summary>
    public async Task<ImmutableArray<WorkerAnswer>> AskAsync(CancellationToken cancellationToken) =>
        [.. await Task.WhenAll(workers.Select(worker => AskAsync(worker, cancellationToken)))];

    public void Dispose() => _reader.Dispose();

    private async Task<WorkerAnswer> AskAsync(WorkerEndpoint worker, CancellationToken cancellationToken)
    {
        var answer = await _reader.AskAsync(worker.Host, statusPort, cancellationToken);
        return answer.Document is { } status ? Read(status, worker.RpcPort) : WorkerAnswer.None(answer.Failure!);
    }

    private static WorkerAnswer Read(StatusDocument status, int rpcPort)
    {
        // JSON may say null where the type does not.
        var engine = status.Engine ?? new EngineDocument();
        var listening = !status.Listening.IsDefault && status.Listening.Contains(rpcPort);
        return new WorkerAnswer(null, engine.Running, StatusDocument.ParseTime(engine.StartTime), listening, StatusAnswer.Plain(status.Message));
    }
}
