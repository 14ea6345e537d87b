using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>
/// Kestrel without what surrounds it: no configuration files, no environment variables, no signals; it listens where it
/// is told to, and ends when it is told to.
/// </summary>
internal sealed class HttpListener : IAsyncDisposable
{
    private readonly WebApplication _application;

    private HttpListener(WebApplication application) => _application = application;

    /// <summary>The port that was bound.</summary>
    public int Port => new Uri(_application.Urls.First()).Port;

    /// <param name="what">What it is, for the error: "the health endpoint".</param>
    /// <param name="address">Null for all, IPv4 and IPv6.</param>
    /// <param name="port">0 for a free one.</param>
    /// <param name="configure">Limits of the server.</param>
    /// <param name="listen">The protocols of the listener.</param>
    /// <param name="handle">Answers every request.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="HostStartException">The port cannot be had.</exception>
    public static async Task<HttpListener> StartAsync(
        string what,
        IPAddress? address,
        int port,
        Action<KestrelServerLimits> configure,
        Action<ListenOptions> listen,
        RequestDelegate handle,
        CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestLineSize = 4 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            configure(kestrel.Limits);
            // Kestrel takes no free port for two addresses at once.
            if (address is null && port != 0) kestrel.ListenAnyIP(port, listen);
            else kestrel.Listen(address ?? (Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any), port, listen);
        });
        var application = builder.Build();
        application.Run(handle);
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
            return new HttpListener(application);
        }
        catch (Exception e)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            var where = address is null ? $"port {port}" : new IPEndPoint(address, port).ToString();
            // Only a port that is taken comes as an IOException.
            var (why, advice) = e switch
            {
                IOException => (e.InnerException?.Message ?? e.Message, "Stop what uses it, or choose another port."),
                SocketException => (e.Message, "Choose an address of this machine, and a port that this process may use."),
                _ => (null, null),
            };
            if (why is null) throw;
            throw new HostStartException($"{what} cannot listen on {where}: {why}. {advice}", e);
        }
    }

    /// <summary>Takes no more requests and waits for those under way until the token is cancelled; then they are cut off.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _application.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    /// <summary>Signals are the command's affair.</summary>
    private sealed class DetachedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
