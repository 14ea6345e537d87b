using System.Collections.Immutable;
using GpuStack.Operator.Supervision.Peers;
using GpuStack.Operator.Supervision.Rpc;

namespace GpuStack.Operator.Supervision.Workers;

/// <summary>
/// What a leader does before each start of its engine: waits until every worker's supervisor says that its engine runs and listens, and only
/// then, while they serve nobody, asks each one's version and memory once. What does not fit is asked again, at growing intervals, since
/// memory is freed and pods are replaced. The deadline changes the state, not the waiting: an image that is pulled for an hour is no failure.
/// </summary>
internal sealed class WorkersGate(
    SupervisorOptions options, WorkerStatusClient status, RpcProbe probe, SupervisorBoard board, SupervisorLog log, TimeProvider time) : IPeerGate
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    public bool BacksOff => true;

    /// <summary>Once all of them fit.</summary>
    public async Task<IPeerWatch> PassAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var roll = WorkersRoll.Of(options.Workers);
        var pause = options.PollInterval;
        var waiting = new PeerWait(board, log, time);
        while (true)
        {
            var answers = await status.AskAsync(cancellationToken);
            roll = roll.Observe(time.GetUtcNow(), answers);
            string message;
            var wait = options.PollInterval;
            if (roll.Complete)
            {
                var problems = await ProblemsAsync(cancellationToken);
                if (problems.IsEmpty)
                    return new WorkersRun(options, status, [.. answers.Select(answer => answer.StartTime!.Value)], time);
                message = string.Join("; ", problems);
                wait = pause;
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            else
            {
                message = roll.Message;
                pause = options.PollInterval;
            }
            var late = time.GetElapsedTime(start) >= options.WorkersTimeout;
            if (late)
                message = PeerWait.Late(options.WorkersTimeout, $"{(roll.Complete ? "refused: " : "")}{message}");
            await waiting.PauseAsync(message, late, wait, cancellationToken);
        }
    }

    public void Dispose() => status.Dispose();

    private async Task<ImmutableArray<string>> ProblemsAsync(CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(options.Workers.Select(worker => AskAsync(worker, cancellationToken)));
        var first = answers.Where(answer => answer.Report is not null).Select(answer => ((WorkerEndpoint, RpcVersion)?)(answer.Worker, answer.Report!.Version)).FirstOrDefault();
        return
        [
            .. answers.Select(answer => answer.Report is { } report ? WorkerJudge.Problem(answer.Worker, options.RpcVersion, report, first) : answer.Failure).OfType<string>(),
        ];
    }

    private async Task<(WorkerEndpoint Worker, RpcReport? Report, string? Failure)> AskAsync(WorkerEndpoint worker, CancellationToken cancellationToken)
    {
        try
        {
            return (worker, await probe.AskAsync(worker.Host, worker.RpcPort, options.RpcVersion, cancellationToken), null);
        }
        catch (RpcProtocolException exception)
        {
            return (worker, null, $"worker {worker} {exception.Message}");
        }
    }
}
