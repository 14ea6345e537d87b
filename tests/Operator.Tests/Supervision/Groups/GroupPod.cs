using System.Net;
using GpuStack.Operator.Supervision;
using GpuStack.Operator.Supervision.Groups;
using GpuStack.Operator.Supervision.Output;
using GpuStack.Operator.Supervision.Processes;
using GpuStack.Operator.Supervision.Status;

namespace GpuStack.Operator.Tests.Supervision.Groups;

/// <summary>A pod of a group: an address with a status port, and the supervisor that answers on it once it was started.</summary>
internal sealed class GroupPod : IAsyncDisposable
{
    private readonly SupervisorOptions _options;
    private StatusServer? _server;
    private SupervisorRun? _run;

    private GroupPod(SupervisorOptions options) => _options = options;

    public PeerEndpoint Endpoint { get; private set; } = null!;

    /// <summary>What the engine's lines tell.</summary>
    public OutputWatch Words { get; } = new(null, TimeProvider.System);

    public SupervisorRun Run => _run ?? throw new InvalidOperationException("The pod has no supervisor.");

    public SupervisorSnapshot Current => Run.Board.Current;

    /// <summary>A pod whose port is taken and answers nothing yet: the others must know it before they start.</summary>
    public static async Task<GroupPod> CreateAsync(SupervisorRole role, string script, string address, int enginePort = 1)
    {
        var options = SupervisorRun.Options(role, enginePort, script) with { StatusAddress = IPAddress.Parse(address), PeerGrace = TimeSpan.FromSeconds(30), Engine = SupervisedEngine.VLLM };
        var pod = new GroupPod(options);
        await using var probe = await StatusServer.StartAsync(new SupervisorBoard(), options, null, TestContext.Current.CancellationToken);
        pod.Endpoint = new PeerEndpoint(address, probe.Port);
        return pod;
    }

    /// <summary>A new supervisor, as after the start of its container.</summary>
    public async Task StartAsync(Func<SupervisorOptions, SupervisorOptions> options, TimeProvider? time = null)
    {
        var board = new SupervisorBoard();
        var mine = options(_options) with { StatusPort = Endpoint.StatusPort };
        _server = await StatusServer.StartAsync(board, mine, null, TestContext.Current.CancellationToken);
        _run = new SupervisorRun(mine, time, board, new EngineOutput(Words, Stream.Null, Stream.Null));
    }

    /// <summary>Nobody reaches its supervisor any more; it goes on.</summary>
    public async Task SilenceAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }

    public async Task HearAsync() =>
        _server = await StatusServer.StartAsync(Run.Board, _options with { StatusPort = Endpoint.StatusPort }, null, TestContext.Current.CancellationToken);

    public void Signal(int signal) => PosixProcess.Signal(Current.Engine!.Pid, signal);

    /// <summary>The container is gone, with its engine.</summary>
    public async Task KillAsync()
    {
        await SilenceAsync();
        if (_run is not null)
            await _run.DisposeAsync();
        _run = null;
    }

    public async ValueTask DisposeAsync() => await KillAsync();
}
