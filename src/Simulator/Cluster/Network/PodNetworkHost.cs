using GpuStack.Simulator.ApiServer.Serving;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Engines;
using GpuStack.Simulator.Cluster.Nodes;
using GpuStack.Simulator.Listening;
using Microsoft.AspNetCore.Http;

namespace GpuStack.Simulator.Cluster.Network;

/// <summary>
/// The pods' own endpoints, on one port of the loopback interface: <c>/pods/NAMESPACE/NAME/status</c> is what the pod's supervisor answers
/// on port 50053. A pod that does not run one refuses the connection; one on a node without power leaves it unanswered.
/// </summary>
internal sealed class PodNetworkHost : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly CancellationTokenSource _stopping;

    private PodNetworkHost(LoopbackServer server, CancellationTokenSource stopping)
    {
        _server = server;
        _stopping = stopping;
    }

    /// <summary>Where it listens.</summary>
    public Uri Url => _server.Url;

    public static async Task<PodNetworkHost> StartAsync(EngineDirectory engines, NodePower power, TimeProvider time, CancellationToken cancellationToken)
    {
        var stopping = new CancellationTokenSource();
        try
        {
            var server = await LoopbackServer.StartAsync(
                port: 0, certificate: null, limits => limits.MaxRequestBodySize = 0, http => AnswerAsync(http, engines, power, time, stopping.Token), cancellationToken);
            return new PodNetworkHost(server, stopping);
        }
        catch
        {
            stopping.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _server.DisposeAsync();
        _stopping.Dispose();
    }

    private static async Task AnswerAsync(HttpContext http, EngineDirectory engines, NodePower power, TimeProvider time, CancellationToken stopping)
    {
        if (http.Request.Path.Value!.Split('/') is not ["", "pods", var @namespace, var name, var endpoint] || !HttpMethods.IsGet(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (engines.Find(new ObjectKey(@namespace, name)) is not { } engine)
        {
            http.Abort();
            return;
        }
        if (power.IsOff(engine.Node))
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            http.Abort();
            return;
        }
        switch (endpoint)
        {
            case "status":
                await Answer.WriteAsync(http, EngineStatusJson.Of(engine.Spec, engine.State, time.GetUtcNow()));
                break;
            case "readyz":
                http.Response.StatusCode = engine.State.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                await http.Response.WriteAsync(engine.State.Ready ? "ok\n" : $"{engine.State.Phase}: {engine.State.Message}\n", http.RequestAborted);
                break;
            default:
                http.Response.StatusCode = endpoint == "livez" ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
                break;
        }
    }
}
