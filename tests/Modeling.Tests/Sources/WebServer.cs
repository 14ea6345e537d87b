using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GpuStack.Modeling.Tests.Sources;

/// <summary>A web server on a free local port that answers as a test says, and remembers what it was asked.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private WebServer(WebApplication application) => _application = application;

    public Uri Address => new(_application.Urls.First());

    /// <summary>Path, range and authorization of every request.</summary>
    public ConcurrentQueue<(string Path, string Range, string Authorization)> Requests { get; } = new();

    public static async Task<WebServer> StartAsync(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication application = builder.Build();
        var server = new WebServer(application);
        application.Run(context =>
        {
            server.Requests.Enqueue((context.Request.Path, context.Request.Headers.Range.ToString(), context.Request.Headers.Authorization.ToString()));
            return answer(context);
        });
        await application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Serves a file by ranges, as web servers do.</summary>
    public static RequestDelegate File(byte[] bytes) => context =>
    {
        context.Response.Headers.ETag = "\"file-tag\"";
        return Results.File(bytes, "application/octet-stream", enableRangeProcessing: true).ExecuteAsync(context);
    };

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
