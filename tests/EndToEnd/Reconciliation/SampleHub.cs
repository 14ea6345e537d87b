using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>Serves the sample headers as a model hub does, with ranges.</summary>
internal sealed class SampleHub : IAsyncDisposable
{
    private readonly WebApplication _application;

    private SampleHub(WebApplication application) => _application = application;

    public Uri Url => new(_application.Urls.Single());

    public static async Task<SampleHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        application.MapGet("/{owner}/{repository}/resolve/{revision}/{file}", (string owner, string repository, string file) =>
        {
            var path = Repository.PathOf("samples", "models", owner, repository, file);
            return File.Exists(path) ? Results.File(path, "application/octet-stream", enableRangeProcessing: true) : Results.NotFound();
        });
        await application.StartAsync();
        return new SampleHub(application);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }
}
