using System.Net;
using GpuStack.Simulator.ApiServer;
using GpuStack.Simulator.ApiServer.Serving;
using GpuStack.Simulator.Cluster.Engines;
using GpuStack.Simulator.Cluster.Control;
using GpuStack.Simulator.Cluster.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuStack.Simulator.Cluster.Network;

/// <summary>
/// The pods' own endpoints, on one port of the loopback interface: <c>/pods/NAMESPACE/NAME/status</c> is what the pod's supervisor answers
/// on port 50053. A pod that does not run one refuses the connection; one on a node without power leaves it unanswered.
/// </summary>
internal sealed class PodNetworkHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly CancellationTokenSource _stopping;

    private PodNetworkHost(WebApplication application, CancellationTokenSource stopping)
    {
        _application = application;
        _stopping = stopping;
        Url = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    public static async Task<PodNetworkHost> StartAsync(EngineDirectory engines, NodePower power, TimeProvider time, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var application = builder.Build();
        var stopping = new CancellationTokenSource();
        application.Run(http => AnswerAsync(http, engines, power, time, stopping.Token));
        try
        {
            await application.StartAsync(cancellationToken);
            return new PodNetworkHost(application, stopping);
        }
        catch
        {
            await application.DisposeAsync();
            stopping.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _application.StopAsync();
        await _application.DisposeAsync();
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
