using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Hosting;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: its caches are filled.</summary>
internal sealed class HealthServer : IAsyncDisposable
{
    private readonly WebApplication? _application;

    private HealthServer(WebApplication? application) => _application = application;

    /// <summary>Listens on the port; does nothing when there is none.</summary>
    public static async Task<HealthServer> StartAsync(int? port, Func<bool> ready)
    {
        if (port is not { } number)
            return new HealthServer(null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(number));
        var application = builder.Build();
        application.MapGet("/healthz", () => Results.Text("ok"));
        application.MapGet("/readyz", () => ready()
            ? Results.Text("ok")
            : Results.Text("caches: not filled yet", statusCode: StatusCodes.Status503ServiceUnavailable));
        await application.StartAsync();
        return new HealthServer(application);
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is null)
            return;
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    /// <summary>Signals are the command's affair: it stops the workers first and this endpoint last.</summary>
    private sealed class DetachedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
