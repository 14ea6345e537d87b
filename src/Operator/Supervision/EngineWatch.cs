using System.Net;
using GpuStack.Operator.Supervision.Processes;
using GpuStack.Operator.Supervision.Progress;
using GpuStack.Operator.Supervision.Sockets;

namespace GpuStack.Operator.Supervision;

/// <summary>Looks at a running engine until something is wrong. Each watch ends with a verdict, or by the token.</summary>
internal sealed class EngineWatch(
    SupervisorOptions options, EngineClient? engine, SupervisorBoard board, SupervisorLog log, TimeProvider time)
{
    /// <summary>For metrics, that answer between two batches: long enough that a slow batch is not taken for silence.</summary>
    private TimeSpan MetricsTimeout => options.StuckAfter / 2 > options.PollTimeout ? options.StuckAfter / 2 : options.PollTimeout;

    private TimeSpan MetricsInterval => options.StuckAfter / 20 > options.PollInterval ? options.StuckAfter / 20 : options.PollInterval;

    private string Remedy => options.Engine switch
    {
        SupervisedEngine.VLLM => "start it without --disable-log-stats",
        SupervisedEngine.SGLang => "start it with --enable-metrics",
        _ => "start it with --metrics and give LLAMA_API_KEY if it wants a key",
    };

    /// <summary>Readiness: until the startup limit, and from then on for the board.</summary>
    public async Task<Verdict> ReadinessAsync(TaskCompletionSource<long> ready, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var healthy = start;
        while (true)
        {
            var problem = await ProblemAsync(ready.Task.IsCompleted, cancellationToken);
            if (problem is null && !ready.Task.IsCompleted)
            {
                log.Say($"the engine is ready after {time.GetElapsedTime(start).TotalSeconds:0.0} s");
                ready.SetResult(time.GetTimestamp());
            }
            else if (!ready.Task.IsCompleted && time.GetElapsedTime(start) >= options.StartupTimeout)
            {
                return new Verdict($"it was not ready within {options.StartupTimeout.TotalSeconds:0.###} s: {problem}", VerdictCause.Startup);
            }
            if (problem is null)
                healthy = time.GetTimestamp();
            else if (options.HealthIsProgress && ready.Task.IsCompleted && time.GetElapsedTime(healthy) is var bad && bad >= options.StuckAfter)
                return new Verdict($"it is stuck: {problem} for {bad.TotalSeconds:0.#} s", VerdictCause.Stuck);
            var delay = Task.Delay(ready.Task.IsCompleted ? options.HealthInterval ?? options.PollInterval : options.StartPollInterval, time, cancellationToken);
            board.Update(current => current.State is SupervisorState.Starting or SupervisorState.Running
                ? current with
                {
                    State = ready.Task.IsCompleted ? SupervisorState.Running : SupervisorState.Starting,
                    Healthy = problem is null,
                    Message = problem ?? "",
                }
                : current);
            await delay;
        }
    }

    /// <summary>
    /// A leader's decodes, or what a llama.cpp worker reads and does, once the engine is ready: while it loads nothing is stuck. A member that
    /// hangs stops its leader's decodes, and Ray itself looks after a head.
    /// </summary>
    public async Task<Verdict> ProgressAsync(int pid, Task ready, CancellationToken cancellationToken)
    {
        await ready.WaitAsync(cancellationToken);
        if (engine is not null)
            return await DecodesAsync(engine, cancellationToken);
        return options.Role == SupervisorRole.Worker ? await UnreadAsync(pid, cancellationToken) : await NeverAsync(cancellationToken);
    }

    private async Task<Verdict> DecodesAsync(EngineClient client, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var detector = StuckDetector.Starting(options.StuckAfter, TimeSpan.Zero);
        var unreadable = false;
        while (true)
        {
            var sample = await client.SampleAsync(MetricsTimeout, cancellationToken);
            if (sample.Kind == EngineSampleKind.Unreadable && !unreadable)
                log.Say($"the engine's /metrics tells no figures, so that a hang cannot be noticed: {Remedy}");
            unreadable = sample.Kind == EngineSampleKind.Unreadable;
            (detector, var reason) = detector.Observe(time.GetElapsedTime(start), sample);
            if (reason is not null)
                return new Verdict($"it is stuck: {reason}", VerdictCause.Stuck);
            await Task.Delay(MetricsInterval, time, cancellationToken);
        }
    }

    private async Task<Verdict> UnreadAsync(int pid, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var detector = UnreadDetector.Starting(options.StuckAfter);
        while (true)
        {
            (detector, var reason) = detector.Observe(time.GetElapsedTime(start), KernelSockets.Unread(options.EnginePort), ProcessStat.Read(pid)?.CpuTicks ?? 0);
            if (reason is not null)
                return new Verdict($"it is stuck: {reason}", VerdictCause.Stuck);
            await Task.Delay(MetricsInterval, time, cancellationToken);
        }
    }

    private async Task<string?> ProblemAsync(bool served, CancellationToken cancellationToken) => options.Role switch
    {
        SupervisorRole.Member => null,
        _ when engine is not null => await HealthProblemAsync(engine, served, cancellationToken),
        _ => PortProblem(),
    };

    private string? PortProblem() => KernelSockets.Read().Contains(options.EnginePort) ? null : $"the engine does not listen on port {options.EnginePort} yet";

    private async Task<string?> HealthProblemAsync(EngineClient client, bool served, CancellationToken cancellationToken) =>
        await client.HealthAsync(options.HealthTimeout ?? options.PollTimeout, cancellationToken) switch
        {
            HttpStatusCode.OK => null,
            HttpStatusCode.ServiceUnavailable when !options.HealthIsProgress || !served => "the engine is loading the model",
            { } code => $"the engine's /health answers {(int)code}",
            null => "the engine's /health does not answer",
        };

    private async Task<Verdict> NeverAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        throw new OperationCanceledException(cancellationToken);
    }
}
