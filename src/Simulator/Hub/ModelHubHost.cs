using System.Net;
using GpuStack.Simulator.ApiServer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuStack.Simulator.Hub;

/// <summary>
/// A model hub over HTTP on the loopback interface that serves a folder's files under
/// <c>/{owner}/{repo}/resolve/{revision}/{file}</c> the way Hugging Face does.
/// </summary>
public sealed class ModelHubHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly HubRequests _requests;

    private ModelHubHost(WebApplication application, HubRequests requests)
    {
        _application = application;
        _requests = requests;
        Url = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Bytes of files sent so far.</summary>
    public long BytesServed => _requests.BytesServed;

    /// <summary>Requests answered so far.</summary>
    public long RequestCount => _requests.Count;

    /// <summary>Reads the index and starts to listen.</summary>
    /// <exception cref="InvalidDataException">The folder's index is missing or wrong.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ModelHubHost> StartAsync(ModelHubOptions options, CancellationToken cancellationToken = default)
    {
        var requests = new HubRequests(HubIndex.Read(options.Directory), options);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        var application = builder.Build();
        application.Run(requests.HandleAsync);
        try
        {
            await application.StartAsync(cancellationToken);
            return new ModelHubHost(application, requests);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }
}
