using System.Collections.Immutable;
using GpuStack.Operator.Supervision.Processes;
using GpuStack.Operator.Supervision.Progress;
using GpuStack.Operator.Supervision.Restarts;
using GpuStack.Operator.Supervision.Rpc;
using GpuStack.Operator.Supervision.Workers;

namespace GpuStack.Operator.Supervision;

/// <summary>
/// Runs the engine inside its container and starts it anew when it ends, hangs, or loses a worker:
/// workers are there and fit (leader) → start → watch → end it if need be → back off → again.
/// A stop ends the loop wherever it is. What to do is decided by <see cref="RestartPolicy"/>, <see cref="StuckDetector"/>,
/// <see cref="WorkersRoll"/>, <see cref="WorkersWatch"/> and <see cref="WorkerJudge"/>; here it is only done.
/// </summary>
internal sealed class Supervisor : IDisposable
{
    private readonly SupervisorOptions _options;
    private readonly SupervisorLog _log;
    private readonly TimeProvider _time;
    private readonly Descendants _descendants;
    private readonly EngineClient? _client;
    private readonly WorkerStatusClient? _workers;
    private readonly WorkersGate? _gate;
    private readonly EngineWatch _watch;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly long _start;
    private int _stopSignal = PosixProcess.SigTerm;

    public Supervisor(SupervisorOptions options, SupervisorBoard board, SupervisorLog log, Descendants descendants, TimeProvider time)
    {
        _options = options;
        Board = board;
        _log = log;
        _descendants = descendants;
        _time = time;
        _start = time.GetTimestamp();
        if (options.Role == SupervisorRole.Leader)
            _client = new EngineClient(options.EnginePort, options.ApiKey, time);
        if (!options.Workers.IsEmpty)
        {
            _workers = new WorkerStatusClient(options.Workers, options.WorkerStatusPort, options.PollTimeout, time);
            _gate = new WorkersGate(options, _workers, new RpcProbe(time, options.HelloTimeout), board, log, time);
        }
        _watch = new EngineWatch(options, _client, _workers, board, log, time);
    }

    public SupervisorBoard Board { get; }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Asks to stop; a second time means at once, without waiting for requests. The engine gets this signal.</summary>
    public void Stop(int signal)
    {
        if (_stopping.IsCancellationRequested)
        {
            _hurry.Cancel();
            return;
        }
        _stopSignal = signal;
        // Readiness goes before anything else is done.
        Board.Update(current => current with { State = SupervisorState.Stopping, Message = "asked to stop" });
        _stopping.Cancel();
    }

    /// <summary>Hands a signal on to the engine, if one runs.</summary>
    public void Forward(int signal) => _descendants.Signal(signal);

    /// <summary>Until a stop, or without restarts until the engine's end. Returns the exit code.</summary>
    /// <exception cref="CannotStartException">There is no such program.</exception>
    public async Task<int> RunAsync()
    {
        var restarts = RestartState.Initial;
        for (var starts = 0; ; starts++)
        {
            try
            {
                var startTimes = _gate is null ? [] : await _gate.PassAsync(_stopping.Token);
                _stopping.Token.ThrowIfCancellationRequested();
                var end = await RunEngineAsync(starts, startTimes);
                if (_stopping.IsCancellationRequested)
                    return 0;
                if (!_options.Restart)
                    return end.Exit.ExitCode;
                restarts = await BackOffAsync(restarts, end);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                _log.Say("stopped; no engine was running");
                return 0;
            }
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _workers?.Dispose();
        _stopping.Dispose();
        _hurry.Dispose();
    }

    private async Task<RestartState> BackOffAsync(RestartState restarts, EngineEnd end)
    {
        if (end.Verdict is { Cause: VerdictCause.Workers } lost)
        {
            Board.Update(current => current with { State = SupervisorState.Waiting, Message = lost.Reason });
            return restarts;
        }
        (restarts, var delay) = RestartPolicy.Failed(restarts, Now, end.HealthyFor);
        var message = $"{end.Verdict?.Reason ?? $"the engine {end.Exit}"}; again in {delay.TotalSeconds:0} s"
            + (restarts.Stalled ? $", since it failed {restarts.Failures.Length} times within an hour" : "");
        _log.Say(message);
        // The timer stands before anybody can see that we wait.
        var wait = Task.Delay(delay, _time, _stopping.Token);
        Board.Update(current => current with { State = restarts.Stalled ? SupervisorState.Stalled : SupervisorState.BackingOff, Message = message });
        await wait;
        return restarts;
    }

    private async Task<EngineEnd> RunEngineAsync(int starts, ImmutableArray<DateTimeOffset> startTimes)
    {
        var engine = _descendants.Start(() => EngineProcess.Start(_options.Command, _time));
        _log.Say($"the engine started with process id {engine.Id}");
        Board.Update(current => current with
        {
            State = SupervisorState.Starting,
            Message = "the engine is starting",
            Engine = new RunningEngine(engine.Id, engine.StartTime),
            Healthy = false,
            Restarts = starts,
        });
        var ready = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var verdict = await WatchAsync(engine, startTimes, ready);
        if (_stopping.IsCancellationRequested)
            await StopEngineAsync(engine, serving: ready.Task.IsCompleted);
        else if (verdict is not null)
            await EndEngineAsync(engine, verdict);
        // After SIGKILL a process can hang in the kernel's hands for long; only a stop does not wait for it.
        var exit = _stopping.IsCancellationRequested && !engine.Exited.IsCompleted ? new EngineExit(128 + PosixProcess.SigKill) : await engine.Exited;
        var healthyFor = ready.Task.IsCompletedSuccessfully ? _time.GetElapsedTime(await ready.Task) : TimeSpan.Zero;
        Board.Update(current => current with { Engine = null, Healthy = false });
        if (verdict is null && !_stopping.IsCancellationRequested)
            verdict = await WorkersLostAsync(startTimes);
        var reason = _stopping.IsCancellationRequested ? "asked to stop" : verdict?.Reason ?? $"the engine {exit}";
        _log.Say($"the engine {exit}{(verdict is null ? "" : $": {verdict.Reason}")}");
        var time = _time.GetUtcNow();
        Board.Update(current => current with { LastExit = new LastExit(exit, time, reason) });
        engine.Dispose();
        if (_descendants.EndLeftovers() is > 0 and var left)
            _log.Say($"ended {left} processes that the engine left behind");
        return new EngineEnd(exit, verdict, healthyFor);
    }

    private async Task<Verdict?> WorkersLostAsync(ImmutableArray<DateTimeOffset> startTimes)
    {
        try
        {
            return await _watch.WorkersLostAsync(startTimes, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Until the engine ends, a stop is asked for (both null), or a watch has a verdict.</summary>
    private async Task<Verdict?> WatchAsync(EngineProcess engine, ImmutableArray<DateTimeOffset> startTimes, TaskCompletionSource<long> ready)
    {
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task<Verdict>[] watches =
        [
            _watch.ReadinessAsync(ready, watching.Token),
            _watch.ProgressAsync(engine.Id, ready.Task, watching.Token),
            _watch.WorkersAsync(startTimes, watching.Token),
        ];
        var first = await Task.WhenAny([engine.Exited, .. watches]);
        await watching.CancelAsync();
        try
        {
            await Task.WhenAll(watches);
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
        return watches.FirstOrDefault(watch => watch == first && watch.IsCompletedSuccessfully) is { } decided ? await decided : null;
    }

    /// <summary>An engine that must start anew: SIGTERM, and SIGKILL 5 s later, since a stuck one ignores it.</summary>
    private async Task EndEngineAsync(EngineProcess engine, Verdict verdict)
    {
        _log.Say($"ending the engine: {verdict.Reason}");
        var state = verdict.Cause == VerdictCause.Stuck ? SupervisorState.Stuck : SupervisorState.Starting;
        var over = EndsWithinAsync(engine, _options.KillAfter, CancellationToken.None);
        Board.Update(current => current with { State = state, Message = verdict.Reason, Healthy = false });
        engine.Signal(PosixProcess.SigTerm);
        if (await over)
            return;
        _log.Say($"the engine ignores SIGTERM for {_options.KillAfter.TotalSeconds:0.###} s; SIGKILL");
        engine.Signal(PosixProcess.SigKill);
        await engine.Exited;
    }

    private async Task StopEngineAsync(EngineProcess engine, bool serving)
    {
        if (serving && !engine.Exited.IsCompleted)
        {
            _log.Say("asked to stop; the engine finishes its requests");
            if (_options.Drain > TimeSpan.Zero)
                await EndsWithinAsync(engine, _options.Drain, _hurry.Token);
        }
        var start = _time.GetTimestamp();
        if (serving && _client is { } client)
            await IdleAsync(engine, client, start);
        engine.Signal(_stopSignal);
        var rest = _options.StopTimeout - _time.GetElapsedTime(start);
        if (rest < TimeSpan.Zero)
            rest = TimeSpan.Zero;
        if (await EndsWithinAsync(engine, rest, CancellationToken.None))
            return;
        _log.Say($"the engine did not stop within {_options.StopTimeout.TotalSeconds:0.###} s; SIGKILL");
        engine.Signal(PosixProcess.SigKill);
        await EndsWithinAsync(engine, _options.KillAfter, CancellationToken.None);
    }

    /// <summary>Until no request is processed; llama-server cuts off those that are when it gets the signal. Leaves it a fifth of the time to stop, at most 5 s.</summary>
    private async Task IdleAsync(EngineProcess engine, EngineClient client, long start)
    {
        var forStopping = _options.StopTimeout / 5 < _options.KillAfter ? _options.StopTimeout / 5 : _options.KillAfter;
        var limit = _options.StopTimeout - forStopping;
        try
        {
            while (!engine.Exited.IsCompleted && !_hurry.IsCancellationRequested && _time.GetElapsedTime(start) < limit)
            {
                var sample = await client.SampleAsync(_options.PollTimeout, _hurry.Token);
                // Without figures nothing can be waited for; no answer may be a long batch.
                if (sample is { Kind: EngineSampleKind.Unreadable } or { Kind: EngineSampleKind.Values, Processing: <= 0 })
                    return;
                await EndsWithinAsync(engine, _options.StartPollInterval, _hurry.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // A second signal: no more waiting.
        }
    }

    private async Task<bool> EndsWithinAsync(EngineProcess engine, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await engine.Exited.WaitAsync(limit, _time, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return engine.Exited.IsCompleted;
        }
    }
}
