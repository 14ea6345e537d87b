using System.Collections.Immutable;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Output;
using GpuStack.Operator.Supervision.Processes;

namespace GpuStack.Operator.Tests.Supervision;

/// <summary>A supervisor that runs in this process around real engines, with its log and its board.</summary>
internal sealed class SupervisorRun : IAsyncDisposable
{
    /// <summary>Far beyond what anything here takes.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Descendants _descendants = new(adopt: false);
    private readonly Supervisor _supervisor;
    private readonly StringWriter _log = new();

    /// <param name="options">Of the supervisor.</param>
    /// <param name="time">Its clock; by default the real one.</param>
    /// <param name="board">One that a status server reads; by default its own.</param>
    /// <param name="output">Passes the engine's output on; by default it is this process's.</param>
    public SupervisorRun(SupervisorOptions options, TimeProvider? time = null, SupervisorBoard? board = null, EngineOutput? output = null)
    {
        time ??= TimeProvider.System;
        _supervisor = new Supervisor(options, board ?? new SupervisorBoard(), new SupervisorLog(TextWriter.Synchronized(_log), time), _descendants, output, time);
        Ended = Task.Run(_supervisor.RunAsync);
    }

    public Task<int> Ended { get; }

    public SupervisorBoard Board => _supervisor.Board;

    public string Log => _log.ToString();

    /// <summary>Times that tests need not wait for; an engine of one shell script.</summary>
    public static SupervisorOptions Options(SupervisorRole role, int enginePort, string script) => new()
    {
        Role = role,
        Command = Shell(script),
        EnginePort = enginePort,
        StatusPort = 0,
        PollInterval = TimeSpan.FromMilliseconds(30),
        StartPollInterval = TimeSpan.FromMilliseconds(10),
        PollTimeout = TimeSpan.FromSeconds(5),
        HelloTimeout = TimeSpan.FromSeconds(5),
        KillAfter = TimeSpan.FromMilliseconds(200),
    };

    public static ImmutableArray<string> Shell(string script) => ["/bin/sh", "-c", script];

    public void Stop(int signal = PosixProcess.SigTerm) => _supervisor.Stop(signal);

    public void Forward(int signal) => _supervisor.Forward(signal);

    public async Task<SupervisorSnapshot> UntilAsync(Func<SupervisorSnapshot, bool> condition)
    {
        var found = Board.WaitAsync(condition, TestContext.Current.CancellationToken);
        var first = await Task.WhenAny(found.WaitAsync(Limit, TimeProvider.System), Ended);
        if (first == Ended && !found.IsCompleted)
            Assert.Fail($"It ended with {await Ended}. {Log}");
        if (!found.IsCompleted)
            Assert.Fail($"It stays {Board.Current}. {Log}");
        return await found;
    }

    public Task<SupervisorSnapshot> UntilAsync(SupervisorState state) => UntilAsync(snapshot => snapshot.State == state);

    public Task<int> ExitAsync() => Ended.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _supervisor.Stop(PosixProcess.SigKill);
        _supervisor.Stop(PosixProcess.SigKill);
        await Task.WhenAny(Ended.WaitAsync(Limit, TimeProvider.System));
        _supervisor.Dispose();
        _descendants.Dispose();
    }
}
