using GpuStack.Kubernetes.Hosting;
using GpuStack.Modeling.Fetching;
using GpuStack.Operator.Supervision.Status;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GpuStack.Operator.Commands.Fetch;

/// <summary>
/// Answers <c>/status</c> while a model is fetched, as the pod's supervisor does afterwards on the same port. GET and HEAD only; nothing
/// secret, not even the source.
/// </summary>
internal sealed class FetchStatusServer : IAsyncDisposable
{
    /// <summary>The state that the operator sees.</summary>
    internal const string Fetching = "Fetching";

    private HttpListener? _listener;
    private FetchState? _state;

    /// <summary>The port that was bound.</summary>
    public int Port => _listener!.Port;

    /// <summary>Begins to answer.</summary>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="HostStartException">The port cannot be had.</exception>
    public static async Task<FetchStatusServer> StartAsync(int port, CancellationToken cancellationToken)
    {
        var server = new FetchStatusServer();
        server._listener = await HttpListener.StartAsync(
            "The status endpoint", null, port, Configure, listen => listen.Protocols = HttpProtocols.Http1, server.AnswerAsync, cancellationToken);
        return server;
    }

    /// <summary>Takes how far it is.</summary>
    public void Report(FetchState state) => Volatile.Write(ref _state, state);

    public ValueTask DisposeAsync() => _listener?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static void Configure(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = 0;
        limits.MaxConcurrentConnections = 16;
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(1);
    }

    private Task AnswerAsync(HttpContext context)
    {
        if (!PlainAnswer.IsRead(context))
            return PlainAnswer.RefuseMethodAsync(context);
        if (context.Request.Path != "/status")
            return PlainAnswer.NotFoundAsync(context);
        var document = new StatusDocument
        {
            State = Fetching,
            Download = Volatile.Read(ref _state) is { } state ? DownloadDocument.Of(state) : null,
        };
        return StatusResponse.WriteAsync(context, document);
    }
}
