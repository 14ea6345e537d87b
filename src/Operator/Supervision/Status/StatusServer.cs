using System.Collections.Immutable;
using System.Reflection;
using GpuStack.Operator.Supervision.Output;
using GpuStack.Operator.Supervision.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using HttpListener = GpuStack.Kubernetes.Hosting.HttpListener;
using PlainAnswer = GpuStack.Kubernetes.Hosting.PlainAnswer;

namespace GpuStack.Operator.Supervision.Status;

/// <summary>
/// <c>/livez</c> (the supervisor itself, whatever the engine does), <c>/readyz</c> (200 when requests may be sent, else 503 with the reason)
/// and <c>/status</c> (JSON). GET and HEAD only; nothing secret.
/// </summary>
internal sealed class StatusServer : IAsyncDisposable
{
    private const int MaxPorts = 64;

    private static readonly string Version =
        typeof(StatusServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private readonly SupervisorBoard _board;
    private readonly SupervisorRole _role;
    private readonly int _enginePort;
    private readonly SupervisedEngine _engine;
    private readonly OutputWatch? _output;
    private HttpListener? _listener;

    private StatusServer(SupervisorBoard board, SupervisorRole role, SupervisedEngine engine, int enginePort, OutputWatch? output)
    {
        _engine = engine;
        _board = board;
        _role = role;
        _enginePort = enginePort;
        _output = output;
    }

    /// <summary>The port that was bound.</summary>
    public int Port => _listener!.Port;

    /// <param name="board">What is answered.</param>
    /// <param name="options">Where.</param>
    /// <param name="output">What the engine's lines tell; null when they are not looked at.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="Kubernetes.Hosting.HostStartException">The port cannot be had.</exception>
    public static async Task<StatusServer> StartAsync(SupervisorBoard board, SupervisorOptions options, OutputWatch? output, CancellationToken cancellationToken)
    {
        var server = new StatusServer(board, options.Role, options.Engine, options.EnginePort, output);
        server._listener = await HttpListener.StartAsync(
            "The status endpoint", options.StatusAddress, options.StatusPort, Configure, listen => listen.Protocols = HttpProtocols.Http1, server.AnswerAsync, cancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _listener?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static void Configure(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = 0;
        // Every pod of a group asks its coordinator.
        limits.MaxConcurrentConnections = 256;
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(1);
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (!PlainAnswer.IsRead(context))
            return PlainAnswer.RefuseMethodAsync(context);
        return context.Request.Path.Value switch
        {
            "/livez" => PlainAnswer.WriteAsync(context, StatusCodes.Status200OK, "ok\n"),
            "/readyz" => ReadinessAsync(context),
            "/status" => StatusAsync(context),
            _ => PlainAnswer.NotFoundAsync(context),
        };
    }

    private Task ReadinessAsync(HttpContext context)
    {
        var snapshot = _board.Current;
        // The kernel is asked at once: a port can close without its process ending.
        var ready = snapshot.Ready && (_role is not (SupervisorRole.Worker or SupervisorRole.Head) || KernelSockets.Read().Contains(_enginePort));
        if (ready)
            return PlainAnswer.WriteAsync(context, StatusCodes.Status200OK, "ok\n");
        var message = snapshot.Message.Length > 0 ? snapshot.Message : "the engine is not ready";
        return PlainAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"{snapshot.State}: {message}\n");
    }

    private Task StatusAsync(HttpContext context)
    {
        var snapshot = _board.Current;
        var nccl = _engine == SupervisedEngine.LlamaCpp ? null : _output?.Read(snapshot.Ready);
        var document = StatusDocument.Of(snapshot, _role, nccl, Ports(), Version);
        if (snapshot.Engine is not null && _output?.Buffers is { } buffers)
            document = document with { Buffers = BuffersDocument.Of(buffers) };
        return StatusResponse.WriteAsync(context, document);
    }

    private ImmutableArray<int> Ports()
    {
        var ports = KernelSockets.Read();
        return ports.Length <= MaxPorts
            ? ports
            : [.. ports.Where(port => port == _enginePort), .. ports.Where(port => port != _enginePort).Take(MaxPorts - 1)];
    }
}
