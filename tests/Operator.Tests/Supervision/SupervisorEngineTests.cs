using System.Net;
using System.Net.Sockets;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Processes;
using GpuStack.Operator.Supervision.Restarts;
using Microsoft.Extensions.Time.Testing;

namespace GpuStack.Operator.Tests.Supervision;

/// <summary>Real engines in the role of a worker: how they end, are started anew, and stop.</summary>
public sealed class SupervisorEngineTests : IDisposable
{
    /// <summary>Stands for the engine's own port: the kernel's table does not say whose a socket is.</summary>
    private readonly TcpListener _port = new(IPAddress.Loopback, 0);

    public SupervisorEngineTests() => _port.Start();

    private int Port => ((IPEndPoint)_port.LocalEndpoint).Port;

    public void Dispose() => _port.Dispose();

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -6 $$", 134)]
    [InlineData("kill -9 $$", 137)]
    public async Task WithoutRestarts_TheExitCodeIsTheEngines(string script, int code)
    {
        await using var run = new SupervisorRun(Worker(script) with { Restart = false });
        Assert.Equal(code, await run.ExitAsync());
    }

    [Fact]
    public async Task ACrash_IsFollowedByANewEngine_AndTold()
    {
        var time = new FakeTimeProvider();
        await using var run = new SupervisorRun(Worker("kill -11 $$"), time);
        var snapshot = await run.UntilAsync(SupervisorState.BackingOff);
        Assert.Equal("the engine ended by signal 11; again in 1 s", snapshot.Message);
        Assert.Equal(11, snapshot.LastExit!.Exit.Signal);
        Assert.Null(snapshot.Engine);
        time.Advance(TimeSpan.FromSeconds(1));
        snapshot = await run.UntilAsync(s => s is { State: SupervisorState.BackingOff, Restarts: 1 });
        Assert.EndsWith("again in 2 s", snapshot.Message, StringComparison.Ordinal);
        run.Stop();
        Assert.Equal(0, await run.ExitAsync());
    }

    [Fact]
    public async Task TheSixthCrashWithinAnHour_IsStalled_WithOneTryEveryTenMinutes()
    {
        var time = new FakeTimeProvider();
        await using var run = new SupervisorRun(Worker("exit 3"), time);
        for (var restarts = 0; restarts < 5; restarts++)
        {
            var number = restarts;
            await run.UntilAsync(s => s.State == SupervisorState.BackingOff && s.Restarts == number);
            time.Advance(TimeSpan.FromSeconds(1 << restarts));
        }
        for (var restarts = 5; restarts < 8; restarts++)
        {
            var number = restarts;
            var snapshot = await run.UntilAsync(s => s.State == SupervisorState.Stalled && s.Restarts == number);
            Assert.Equal("the engine exited with 3; again in 600 s, since it failed 6 times within an hour", snapshot.Message);
            time.Advance(RestartPolicy.StalledDelay - TimeSpan.FromSeconds(1));
            Assert.Equal(number, run.Board.Current.Restarts);
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task AnEngine_IsReady_WhenItsPortListens()
    {
        var port = Port;
        _port.Stop();
        await using var run = new SupervisorRun(SupervisorRun.Options(SupervisorRole.Worker, port, "exec sleep 1000"));
        var snapshot = await run.UntilAsync(s => s.Message == $"the engine does not listen on port {port} yet");
        Assert.Equal(SupervisorState.Starting, snapshot.State);
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        snapshot = await run.UntilAsync(s => s.Ready);
        Assert.Equal((SupervisorState.Running, ""), (snapshot.State, snapshot.Message));
        listener.Stop();
        await run.UntilAsync(s => !s.Ready);
        Assert.NotNull(run.Board.Current.Engine);
    }

    [Fact]
    public async Task AnEngineThatIsNotReadyInTime_IsStartedAnew()
    {
        await using var run = new SupervisorRun(Worker("exec sleep 1000") with { StartupTimeout = TimeSpan.FromMilliseconds(50), EnginePort = 1 });
        var snapshot = await run.UntilAsync(SupervisorState.BackingOff);
        Assert.Contains("it was not ready within 0.05 s: the engine does not listen on port 1 yet", snapshot.Message, StringComparison.Ordinal);
        Assert.Equal(15, snapshot.LastExit!.Exit.Signal);
    }

    [Fact]
    public async Task AWorkerThatReadsNothing_AndDoesNothing_IsStartedAnew()
    {
        await using var run = new SupervisorRun(Worker("exec sleep 1000") with { StuckAfter = TimeSpan.FromMilliseconds(300) });
        await run.UntilAsync(s => s.Ready);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(new byte[33], TestContext.Current.CancellationToken);
        var snapshot = await run.UntilAsync(SupervisorState.BackingOff);
        Assert.StartsWith("it is stuck: 33 bytes wait on its port and it does nothing for", snapshot.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PosixProcess.SigTerm, "TERM")]
    [InlineData(PosixProcess.SigInt, "INT")]
    public async Task AStop_IsHandedOn_AndEndsWithZero(int signal, string name)
    {
        using var folder = new TemporaryFolder();
        await using var run = new SupervisorRun(Worker($"trap 'echo {name} > {folder.File("got")}; kill $!; exit 9' {name}; sleep 1000 & touch {folder.File("armed")}; wait"));
        await folder.UntilExistsAsync("armed");
        run.Stop(signal);
        Assert.Equal(SupervisorState.Stopping, run.Board.Current.State);
        Assert.Equal(0, await run.ExitAsync());
        Assert.Equal($"{name}\n", await File.ReadAllTextAsync(folder.File("got"), TestContext.Current.CancellationToken));
        Assert.Equal((9, "asked to stop"), (run.Board.Current.LastExit!.Exit.ExitCode, run.Board.Current.LastExit!.Reason));
    }

    [Fact]
    public async Task AnEngineThatIgnoresTheStop_IsKilled()
    {
        using var folder = new TemporaryFolder();
        var options = Worker($"trap '' TERM; touch {folder.File("armed")}; while :; do sleep 0.05; done") with { StopTimeout = TimeSpan.FromMilliseconds(300) };
        await using var run = new SupervisorRun(options);
        await folder.UntilExistsAsync("armed");
        run.Stop();
        Assert.Equal(0, await run.ExitAsync());
        Assert.Equal(9, run.Board.Current.LastExit!.Exit.Signal);
        Assert.Contains("did not stop within 0.3 s; SIGKILL", run.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStopDuringTheBackOff_EndsAtOnce_WithZero()
    {
        await using var run = new SupervisorRun(Worker("exit 1"), new FakeTimeProvider());
        await run.UntilAsync(SupervisorState.BackingOff);
        run.Stop();
        Assert.Equal(0, await run.ExitAsync());
    }

    [Fact]
    public async Task OtherSignals_ReachTheEngine_WhichGoesOn()
    {
        using var folder = new TemporaryFolder();
        await using var run = new SupervisorRun(Worker($"trap 'touch {folder.File("hup")}' HUP; touch {folder.File("armed")}; while :; do sleep 0.05; done"));
        await folder.UntilExistsAsync("armed");
        run.Forward(PosixProcess.SigHup);
        await folder.UntilExistsAsync("hup");
        Assert.Equal(0, run.Board.Current.Restarts);
        Assert.NotNull(run.Board.Current.Engine);
    }

    [Fact]
    public async Task AProgramThatIsNotThere_IsAFailureForGood()
    {
        await using var run = new SupervisorRun(Worker("") with { Command = ["nonsuch-engine", "--secret"] });
        var exception = await Assert.ThrowsAsync<CannotStartException>(run.ExitAsync);
        Assert.Equal((127, "'nonsuch-engine' is not found in PATH; is it in the image?"), (exception.ExitCode, exception.Message));
    }

    private SupervisorOptions Worker(string script) => SupervisorRun.Options(SupervisorRole.Worker, Port, script);
}
