using GpuStack.Operator.Supervision.Groups;
using GpuStack.Operator.Supervision.Output;
using GpuStack.Operator.Supervision.Peers;
using GpuStack.Operator.Supervision.Processes;
using GpuStack.Operator.Supervision.Progress;
using GpuStack.Operator.Supervision.Restarts;
using GpuStack.Operator.Supervision.Rpc;
using GpuStack.Operator.Supervision.Workers;

namespace GpuStack.Operator.Supervision;

/// <summary>
/// Runs the engine inside its container and starts it anew when it ends, hangs, or loses somebody it cannot run without:
/// those are there (<see cref="IPeerGate"/>) → start → watch → end it if need be → back off → again.
/// A stop ends the loop wherever it is. What to do is decided by <see cref="RestartPolicy"/>, <see cref="StuckDetector"/>,
/// <see cref="WorkersWatch"/>, <see cref="FollowersWatch"/>, <see cref="CoordinatorWatch"/> and their like; here it is only done.
/// </summary>
internal sealed class Supervisor : IDisposable
{
    private readonly SupervisorOptions _options;
    private readonly SupervisorLog _log;
    private readonly TimeProvider _time;
    private readonly Descendants _descendants;
    private readonly EngineOutput? _output;
    private readonly EngineClient? _client;
    private readonly IPeerGate _gate;
    private readonly EngineWatch _watch;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly long _start;
    private int _stopSignal = PosixProcess.SigTerm;

    /// <param name="options">What it was told.</param>
    /// <param name="board">Where it says how it is.</param>
    /// <param name="log">Its words between the engine's.</param>
    /// <param name="descendants">The engine's processes.</param>
    /// <param name="output">Passes the engine's output on; null when nobody looks at it.</param>
    /// <param name="time">The clock.</param>
    public Supervisor(SupervisorOptions options, SupervisorBoard board, SupervisorLog log, Descendants descendants, EngineOutput? output, TimeProvider time)
    {
        _options = options;
        Board = board;
        _log = log;
        _descendants = descendants;
        _output = output;
        _time = time;
        _start = time.GetTimestamp();
        if (options.Role == SupervisorRole.Leader)
            _client = new EngineClient(options.EnginePort, EngineMetrics.Of(options.Engine), options.ApiKey, time);
        _gate = Gate(options, board, log, time);
        _watch = new EngineWatch(options, _client, board, log, time);
        var now = time.GetUtcNow();
        board.Update(current => current with { Started = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)) });
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
                var peers = await _gate.PassAsync(_stopping.Token);
                _stopping.Token.ThrowIfCancellationRequested();
                var end = await RunEngineAsync(starts, peers);
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
        _gate.Dispose();
        _stopping.Dispose();
        _hurry.Dispose();
    }

    private static IPeerGate Gate(SupervisorOptions options, SupervisorBoard board, SupervisorLog log, TimeProvider time)
    {
        if (!options.Workers.IsEmpty)
        {
            var status = new WorkerStatusClient(options.Workers, options.WorkerStatusPort, options.PollTimeout, time);
            return new WorkersGate(options, status, new RpcProbe(time, options.HelloTimeout), board, log, time);
        }
        if (!options.Followers.IsEmpty)
            return new FollowersGate(options, new PeerClient(options.PollTimeout, time), board, log, time);
        return options.Coordinator is { } coordinator
            ? new CoordinatorGate(options, coordinator, new PeerClient(options.PollTimeout, time), board, log, time)
            : new NoPeers();
    }

    private async Task<RestartState> BackOffAsync(RestartState restarts, EngineEnd end)
    {
        if (end.Verdict is { Cause: VerdictCause.Workers } || !_gate.BacksOff)
        {
            Board.Update(current => current with { State = SupervisorState.Waiting, Message = end.Reason });
            return restarts;
        }
        (restarts, var delay) = RestartPolicy.Failed(restarts, Now, end.HealthyFor);
        var message = $"{end.Reason}; again in {delay.TotalSeconds:0} s"
            + (restarts.Stalled ? $", since it failed {restarts.Failures.Length} times within an hour" : "");
        _log.Say(message);
        // The timer stands before anybody can see that we wait.
        var wait = Task.Delay(delay, _time, _stopping.Token);
        Board.Update(current => current with { State = restarts.Stalled ? SupervisorState.Stalled : SupervisorState.BackingOff, Message = message });
        await wait;
        return restarts;
    }

    private async Task<EngineEnd> RunEngineAsync(int starts, IPeerWatch peers)
    {
        var engine = _descendants.Start(() => EngineProcess.Start(_options.Command, _output, _time));
        _log.Say($"the engine started with process id {engine.Id}");
        var running = new RunningEngine(engine.Id, engine.StartTime);
        Board.Update(current => current with
        {
            State = SupervisorState.Starting,
            Message = "the engine is starting",
            Engine = running,
            Epoch = peers.Epoch(engine.StartTime),
            Healthy = false,
            Restarts = starts,
        });
        var ready = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var verdict = await WatchAsync(engine, running, peers, ready);
        if (_stopping.IsCancellationRequested)
            await StopEngineAsync(engine, running, peers, serving: ready.Task.IsCompleted);
        else if (verdict is not null)
            await EndEngineAsync(engine, verdict);
        // After SIGKILL a process can hang in the kernel's hands for long; only a stop does not wait for it.
        var exit = _stopping.IsCancellationRequested && !engine.Exited.IsCompleted ? new EngineExit(128 + PosixProcess.SigKill) : await engine.Exited;
        var whole = ready.Task.IsCompletedSuccessfully ? peers.WholeSince(await ready.Task) : null;
        var healthyFor = whole is { } since ? _time.GetElapsedTime(since) : TimeSpan.Zero;
        // An end is seen outside only once nothing of the engine is left: then the others may start.
        if (_descendants.EndLeftovers() is > 0 and var left)
            _log.Say($"ended {left} processes that the engine left behind");
        if (_output is not null)
            await _output.EndAsync(failed: !_stopping.IsCancellationRequested, _time);
        var asking = verdict is null && !_stopping.IsCancellationRequested ? LostAsync(running, peers) : Task.FromResult<Verdict?>(null);
        if (!asking.IsCompleted)
            Board.Update(current => current with { Engine = null, Healthy = false });
        var lost = await asking;
        var reason = _stopping.IsCancellationRequested ? "asked to stop" : Reason(exit, verdict, lost);
        verdict ??= lost;
        _log.Say($"the engine {exit}{(verdict is null ? "" : $": {verdict.Reason}")}");
        var time = _time.GetUtcNow();
        Board.Update(current => current with { Engine = null, Healthy = false, LastExit = new LastExit(exit, time, reason) });
        engine.Dispose();
        return new EngineEnd(exit, verdict, reason, healthyFor);
    }

    /// <summary>An end of its own comes first: whether the others' was its cause or its consequence is not known.</summary>
    private static string Reason(EngineExit exit, Verdict? verdict, Verdict? lost) => (verdict, lost) switch
    {
        ({ } decided, _) => decided.Reason,
        (null, { Cause: VerdictCause.Group } group) => $"the engine {exit}; {group.Reason}",
        (null, { } worker) => worker.Reason,
        _ => $"the engine {exit}",
    };

    private async Task<Verdict?> LostAsync(RunningEngine running, IPeerWatch peers)
    {
        try
        {
            return await peers.LostAsync(running, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Until the engine ends, a stop is asked for (both null), or a watch has a verdict.</summary>
    private async Task<Verdict?> WatchAsync(EngineProcess engine, RunningEngine running, IPeerWatch peers, TaskCompletionSource<long> ready)
    {
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task<Verdict>[] watches =
        [
            _watch.ReadinessAsync(ready, watching.Token),
            _watch.ProgressAsync(engine.Id, ready.Task, watching.Token),
            peers.WatchAsync(running, watching.Token),
        ];
        var recovery = RecoveryAsync(peers.ServingAsync(ready.Task), watching.Token);
        var first = await Task.WhenAny([engine.Exited, .. watches]);
        await watching.CancelAsync();
        try
        {
            await Task.WhenAll([.. watches, recovery]);
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }
        return watches.FirstOrDefault(watch => watch == first && watch.IsCompletedSuccessfully) is { } decided ? await decided : null;
    }

    /// <summary>Once the engine serves, what the one before failed of is past.</summary>
    private async Task RecoveryAsync(Task serving, CancellationToken cancellationToken)
    {
        await serving.WaitAsync(cancellationToken);
        _output?.Watch.Serves();
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

    private async Task StopEngineAsync(EngineProcess engine, RunningEngine running, IPeerWatch peers, bool serving)
    {
        if (serving && !engine.Exited.IsCompleted)
        {
            _log.Say("asked to stop; the engine finishes its requests");
            if (_options.Drain > TimeSpan.Zero)
                await EndsWithinAsync(engine, _options.Drain, _hurry.Token);
        }
        var start = _time.GetTimestamp();
        if (serving)
            await IdleAsync(engine, running, peers, start);
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

    /// <summary>
    /// Until no request is processed, here or where this engine computes for; engines cut off those that are when they get the signal. Leaves
    /// it a fifth of the time to stop, at most 5 s.
    /// </summary>
    private async Task IdleAsync(EngineProcess engine, RunningEngine running, IPeerWatch peers, long start)
    {
        var forStopping = _options.StopTimeout / 5 < _options.KillAfter ? _options.StopTimeout / 5 : _options.KillAfter;
        var rest = _options.StopTimeout - forStopping - _time.GetElapsedTime(start);
        using var limit = new CancellationTokenSource(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _hurry.Token);
        try
        {
            var idle = _client is { } client ? IdleAsync(client, either.Token) : peers.UnneededAsync(running, either.Token);
            await Task.WhenAny(idle, engine.Exited);
            await either.CancelAsync();
            await idle;
        }
        catch (OperationCanceledException)
        {
            // The time is up, a second signal came, or the engine is gone.
        }
    }

    private async Task IdleAsync(EngineClient client, CancellationToken cancellationToken)
    {
        // Without figures nothing can be waited for; no answer may be a long batch.
        while (await client.SampleAsync(_options.PollTimeout, cancellationToken) is not ({ Kind: EngineSampleKind.Unreadable } or { Kind: EngineSampleKind.Values, Processing: <= 0 }))
            await Task.Delay(_options.StartPollInterval, _time, cancellationToken);
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
