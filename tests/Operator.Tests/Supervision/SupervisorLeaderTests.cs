using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Rpc;
using GpuStack.Operator.Supervision.Workers;
using GpuStack.Operator.Tests.Supervision.Servers;

namespace GpuStack.Operator.Tests.Supervision;

/// <summary>A leader around a script, with a llama-server's answers and workers that speak the protocol.</summary>
public sealed class SupervisorLeaderTests : IAsyncLifetime
{
    private const string Sleeps = "exec sleep 1000";
    private const string IgnoresTerm = "trap '' TERM; while :; do sleep 0.05; done";

    private FakeLlamaServer _llama = null!;
    private FakeWorker _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _llama = await FakeLlamaServer.StartAsync();
        _worker = await FakeWorker.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _llama.DisposeAsync();
        await _worker.DisposeAsync();
    }

    [Fact]
    public async Task AWorkerThatFits_IsAskedOnce_AndNeverAgainWhileTheEngineRuns()
    {
        await using var run = new SupervisorRun(Leader(Sleeps, $"{_worker.Endpoint}={8L << 30}") with { StuckAfter = TimeSpan.FromSeconds(1) });
        await run.UntilAsync(s => s.Ready);
        Assert.Equal<byte>([0x0e, 0x0f, 0x0b], [.. _worker.Commands]);
        var samples = _llama.Samples;
        await run.UntilAsync(_ => _llama.Samples > samples + 2);
        Assert.Equal(1, _worker.Connections);
        run.Stop();
        Assert.Equal(0, await run.ExitAsync());
        Assert.Equal(1, _worker.Connections);
    }

    [Fact]
    public async Task WorkersThatAreMissing_AreNamed_AndWaitedFor()
    {
        _worker.Status = FakeWorker.Down;
        await using var run = new SupervisorRun(Leader(Sleeps, _worker.Endpoint, "nonsuch.invalid:50052"));
        var snapshot = await run.UntilAsync(s => s.Message.StartsWith("waiting for 2 of 2", StringComparison.Ordinal));
        Assert.Equal(SupervisorState.Waiting, snapshot.State);
        Assert.Contains($"{_worker.Endpoint} since ", snapshot.Message, StringComparison.Ordinal);
        Assert.Contains("(its engine does not run: the engine exited with 1; again in 1 s)", snapshot.Message, StringComparison.Ordinal);
        Assert.Contains("nonsuch.invalid:50052 since ", snapshot.Message, StringComparison.Ordinal);
        Assert.Contains("resolve", snapshot.Message, StringComparison.Ordinal);
        // Nobody is asked HELLO before all of them listen.
        _worker.Status = _worker.Running("2026-01-02T03:04:05.000001Z");
        await run.UntilAsync(s => s.Message.StartsWith("waiting for 1 of 2", StringComparison.Ordinal));
        Assert.Equal(0, _worker.Connections);
        run.Stop();
        Assert.Equal(0, await run.ExitAsync());
    }

    [Fact]
    public async Task ADeadlineThatPasses_IsStalled_AndTheEngineStartsAllTheSameWhenTheWorkersCome()
    {
        _worker.Status = () => null;
        await using var run = new SupervisorRun(Leader(Sleeps, _worker.Endpoint) with { WorkersTimeout = TimeSpan.FromMilliseconds(50) });
        var snapshot = await run.UntilAsync(SupervisorState.Stalled);
        Assert.StartsWith($"after 0.05 s still waiting for 1 of 1 workers: {_worker.Endpoint} since", snapshot.Message, StringComparison.Ordinal);
        _worker.Status = _worker.Running("2026-01-02T03:04:05.000001Z");
        snapshot = await run.UntilAsync(s => s.Ready);
        Assert.Equal(0, snapshot.Restarts);
    }

    [Theory]
    [InlineData(7, 0, "(RPC 7.0.0) speaks another major version than the leader's 8.0.0")]
    [InlineData(8, 3, "(RPC 8.3.0) speaks a newer minor version than the leader's 8.0.0")]
    public async Task AWorkerOfAnotherVersion_KeepsTheEngineFromStarting(byte major, byte minor, string message)
    {
        _worker.Answer = FakeWorker.Right(8L << 30, major, minor);
        await RefusesAsync(_worker.Endpoint, $"worker {_worker.Endpoint} {message}", version: new RpcVersion(8, 0));
    }

    /// <summary>The operator gives leader and workers one image, and does not know what it speaks.</summary>
    [Theory]
    [InlineData(7, 0)]
    [InlineData(8, 3)]
    [InlineData(9, 1)]
    public async Task AnyVersion_WillDo_WhenTheLeadersIsNotTold(byte major, byte minor)
    {
        _worker.Answer = FakeWorker.Right(8L << 30, major, minor);
        await using var run = new SupervisorRun(Leader(Sleeps, $"{_worker.Endpoint}={8L << 30}"));
        await run.UntilAsync(s => s.Ready);
        // What a newer protocol calls its commands is not known.
        byte[] expected = major > 8 ? [0x0e] : [0x0e, 0x0f, 0x0b];
        Assert.Equal(expected, _worker.Commands);
    }

    [Fact]
    public Task TooLittleMemory_KeepsTheEngineFromStarting() =>
        RefusesAsync($"{_worker.Endpoint}={(8L << 30) + 1024}", $"worker {_worker.Endpoint} (RPC 8.0.0) has 8 GiB free on device 0 and the plan needs 8 GiB: 1024 bytes");

    [Fact]
    public async Task ASilentWorker_IsGivenUpInTime()
    {
        _worker.Answer = (_, _) => null;
        await RefusesAsync(_worker.Endpoint, $"worker {_worker.Endpoint} listens and does not answer HELLO within 0.2 s", TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task AWorkerThatDiesInTheMiddle_IsTold()
    {
        var right = _worker.Answer;
        _worker.Answer = (command, device) => command == 0x0b ? [] : right(command, device);
        await RefusesAsync(_worker.Endpoint, $"worker {_worker.Endpoint} closes the connection in the middle of an answer");
    }

    [Fact]
    public async Task AReplyOfThreeBytes_OrAHugeSize_IsRefused()
    {
        _worker.Answer = (_, _) => [3, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0];
        await RefusesAsync(_worker.Endpoint, $"worker {_worker.Endpoint} (RPC 2.1.0) answers HELLO with 3 bytes, where 28 are expected");
        _worker.Answer = (_, _) => [.. Enumerable.Repeat((byte)0xff, 8)];
        await RefusesAsync(_worker.Endpoint, $"worker {_worker.Endpoint} announces 18446744073709551615 bytes in reply to HELLO");
    }

    [Fact]
    public async Task MemoryThatIsFreedLater_LetsTheEngineStart()
    {
        _worker.Answer = FakeWorker.Right(1);
        await using var run = new SupervisorRun(Leader(Sleeps, $"{_worker.Endpoint}=2"));
        await run.UntilAsync(s => s.Message.Contains("are missing", StringComparison.Ordinal));
        _worker.Answer = FakeWorker.Right(2);
        await run.UntilAsync(s => s.Ready);
    }

    [Fact]
    public async Task AWorkersRestart_RestartsTheEngine_WithoutBackOff_AndWithoutCountingAsItsFailure()
    {
        await using var run = new SupervisorRun(Leader(IgnoresTerm, _worker.Endpoint));
        for (var restart = 1; restart <= 7; restart++)
        {
            await run.UntilAsync(s => s.Ready && s.Restarts == restart - 1);
            _worker.Status = _worker.Running($"2026-01-02T03:04:05.00000{restart + 1}Z");
            var number = restart;
            await run.UntilAsync(s => s.Restarts == number);
        }
        var snapshot = await run.UntilAsync(s => s.Ready);
        Assert.Equal($"worker {_worker.Endpoint} restarted its engine at 03:04:05.000Z", snapshot.LastExit!.Reason);
        Assert.Equal(9, snapshot.LastExit.Exit.Signal);
        Assert.Equal(8, _worker.Connections);
    }

    [Fact]
    public async Task AWorkerThatLostItsEngine_EndsTheLeaders_WhichWaitsForIt()
    {
        await using var run = new SupervisorRun(Leader(Sleeps, _worker.Endpoint));
        await run.UntilAsync(s => s.Ready);
        _worker.Status = FakeWorker.Down;
        var snapshot = await run.UntilAsync(s => s.Message.StartsWith("waiting for 1 of 1", StringComparison.Ordinal));
        Assert.Equal($"worker {_worker.Endpoint} lost its engine", snapshot.LastExit!.Reason);
        _worker.Status = _worker.Running("2026-01-02T03:04:06.000000Z");
        await run.UntilAsync(s => s is { Ready: true, Restarts: 1 });
    }

    [Fact]
    public async Task AWorkerThatStaysSilentBeyondItsGrace_EndsTheLeaders()
    {
        await using var run = new SupervisorRun(Leader(Sleeps, _worker.Endpoint) with { WorkerGrace = TimeSpan.FromMilliseconds(100) });
        await run.UntilAsync(s => s.Ready);
        _worker.Status = () => null;
        var snapshot = await run.UntilAsync(s => s.LastExit is not null);
        Assert.Equal($"worker {_worker.Endpoint} is away for 0.1 s: its supervisor answers 500", snapshot.LastExit!.Reason);
    }

    [Fact]
    public async Task ACrashOfTheEngine_IsItsWorkersFault_WhenAWorkerIsGone()
    {
        using var folder = new TemporaryFolder();
        // Looks at the workers only after the crash.
        var options = Leader($"while [ ! -e {folder.File("crash")} ]; do sleep 0.01; done; kill -6 $$", _worker.Endpoint) with { PollInterval = TimeSpan.FromHours(1) };
        await using var run = new SupervisorRun(options);
        await run.UntilAsync(s => s.Ready);
        _worker.Status = FakeWorker.Down;
        await File.WriteAllTextAsync(folder.File("crash"), "", TestContext.Current.CancellationToken);
        var snapshot = await run.UntilAsync(s => s.LastExit is not null);
        Assert.Equal((6, $"worker {_worker.Endpoint} lost its engine"), (snapshot.LastExit!.Exit.Signal, snapshot.LastExit.Reason));
        await run.UntilAsync(s => s.State == SupervisorState.Waiting && s.Message.StartsWith("waiting", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Loading_IsNotStuck_AndReadinessFollowsHealth()
    {
        _llama.Health = 503;
        _llama.Silent = true;
        await using var run = new SupervisorRun(Leader(Sleeps) with { StuckAfter = TimeSpan.FromMilliseconds(50) });
        var snapshot = await run.UntilAsync(s => s.Message == "the engine is loading the model");
        Assert.Equal(SupervisorState.Starting, snapshot.State);
        _llama.Silent = false;
        _llama.Health = 200;
        await run.UntilAsync(s => s.Ready);
        _llama.Health = 500;
        snapshot = await run.UntilAsync(s => !s.Ready);
        Assert.Equal((SupervisorState.Running, "the engine's /health answers 500", 0), (snapshot.State, snapshot.Message, snapshot.Restarts));
    }

    [Fact]
    public async Task RequestsWithoutDecodes_EndAnEngine_ThatIgnoresSigterm()
    {
        await using var run = new SupervisorRun(Leader(IgnoresTerm) with { StuckAfter = TimeSpan.FromMilliseconds(300) });
        await run.UntilAsync(s => s.Ready);
        _llama.Processing = 1;
        var snapshot = await run.UntilAsync(SupervisorState.Stuck);
        Assert.Contains("it is stuck: it processes 1 requests and decodes nothing for", snapshot.Message, StringComparison.Ordinal);
        snapshot = await run.UntilAsync(SupervisorState.BackingOff);
        Assert.Equal(9, snapshot.LastExit!.Exit.Signal);
        Assert.StartsWith("it is stuck", snapshot.LastExit.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEngineThatDecodes_IsLeftAlone()
    {
        await using var llama = await FakeLlamaServer.StartAsync(decoding: true);
        llama.Processing = 1;
        await using var run = new SupervisorRun(Leader(Sleeps) with { EnginePort = llama.Port, StuckAfter = TimeSpan.FromSeconds(1) });
        var end = TimeProvider.System.GetTimestamp();
        await run.UntilAsync(_ => TimeProvider.System.GetElapsedTime(end) > TimeSpan.FromSeconds(1.5));
        Assert.Equal((SupervisorState.Running, 0), (run.Board.Current.State, run.Board.Current.Restarts));
    }

    [Fact]
    public async Task UnansweredMetrics_EndTheEngine()
    {
        await using var run = new SupervisorRun(Leader(Sleeps) with { StuckAfter = TimeSpan.FromMilliseconds(300), PollTimeout = TimeSpan.FromMilliseconds(200) });
        await run.UntilAsync(s => s.Ready);
        _llama.Silent = true;
        var snapshot = await run.UntilAsync(SupervisorState.BackingOff);
        Assert.Contains("its metrics are not answered for", snapshot.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HealthThatStaysBad_EndsAnEngineWhoseHealthIsAGeneration()
    {
        await using var run = new SupervisorRun(Leader(Sleeps) with { StuckAfter = TimeSpan.FromMilliseconds(300), HealthIsProgress = true });
        await run.UntilAsync(s => s.Ready);
        _llama.Health = 503;
        var snapshot = await run.UntilAsync(SupervisorState.BackingOff);
        Assert.StartsWith("it is stuck: the engine's /health answers 503 for", snapshot.LastExit!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void TheHealthOfSGLang_HasTheTimeThatItTakes()
    {
        var options = Leader(Sleeps);
        Assert.Equal(options, options.WithHealthOf(SupervisedEngine.LlamaCpp));
        Assert.False(options.WithHealthOf(SupervisedEngine.VLLM).HealthIsProgress);
        var sglang = options.WithHealthOf(SupervisedEngine.SGLang);
        Assert.True(sglang is { HealthIsProgress: true, HealthTimeout.TotalSeconds: > 20 });
    }

    [Fact]
    public async Task TheApiKey_IsSentToTheMetrics_AndSaidNowhere()
    {
        await using var llama = await FakeLlamaServer.StartAsync("s3cret key");
        var options = Leader(Sleeps) with { EnginePort = llama.Port, ApiKey = "s3cret key" };
        await using var run = new SupervisorRun(options);
        await run.UntilAsync(_ => llama.Samples > 0);
        Assert.DoesNotContain("s3cret", run.Log + run.Board.Current + options, StringComparison.Ordinal);
        await using var without = new SupervisorRun(options with { ApiKey = null });
        await without.UntilAsync(_ => without.Log.Contains("LLAMA_API_KEY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AStop_WaitsForRequestsInFlight_AndIsNotReadyMeanwhile()
    {
        await using var run = new SupervisorRun(Leader(Sleeps) with { Drain = TimeSpan.FromMilliseconds(50) });
        await run.UntilAsync(s => s.Ready);
        _llama.Processing = 1;
        run.Stop();
        Assert.False(run.Board.Current.Ready);
        var samples = _llama.Samples;
        while (_llama.Samples < samples + 3)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.NotNull(run.Board.Current.Engine);
        _llama.Processing = 0;
        Assert.Equal(0, await run.ExitAsync());
        Assert.Equal(15, run.Board.Current.LastExit!.Exit.Signal);
    }

    [Fact]
    public async Task ASecondStop_WaitsNoLonger()
    {
        await using var run = new SupervisorRun(Leader(Sleeps) with { Drain = TimeSpan.FromHours(1) });
        await run.UntilAsync(s => s.Ready);
        _llama.Processing = 1;
        run.Stop();
        Assert.NotNull(run.Board.Current.Engine);
        run.Stop();
        Assert.Equal(0, await run.ExitAsync());
    }

    [Fact]
    public async Task RequestsThatNeverEnd_AreCutOff_WhenTheTimeIsUp()
    {
        await using var run = new SupervisorRun(Leader(IgnoresTerm) with { StopTimeout = TimeSpan.FromMilliseconds(300) });
        await run.UntilAsync(s => s.Ready);
        _llama.Processing = 1;
        run.Stop();
        Assert.Equal(0, await run.ExitAsync());
        Assert.Equal(9, run.Board.Current.LastExit!.Exit.Signal);
    }

    private SupervisorOptions Leader(string script, params string[] workers) => SupervisorRun.Options(SupervisorRole.Leader, _llama.Port, script) with
    {
        Workers = [.. workers.Select(WorkerEndpoint.Parse)],
        WorkerStatusPort = _worker.StatusPort,
    };

    private async Task RefusesAsync(string worker, string message, TimeSpan? helloTimeout = null, RpcVersion? version = null)
    {
        var options = Leader(Sleeps, worker) with { RpcVersion = version };
        await using var run = new SupervisorRun(options with { HelloTimeout = helloTimeout ?? options.HelloTimeout });
        var snapshot = await run.UntilAsync(s => s.Message.Contains(message, StringComparison.Ordinal));
        Assert.Null(snapshot.Engine);
        Assert.Equal(SupervisorState.Waiting, snapshot.State);
    }
}
