using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GpuStack.Operator.Tests.Fetch;

/// <summary>A hub with one repository, <c>owner/repo</c>, of one file, <c>model.gguf</c>, which stalls after some bytes as long as a test says.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _application;
    private readonly byte[] _content;

    private FileServer(WebApplication application, byte[] content)
    {
        _application = application;
        _content = content;
    }

    public Uri Address => new(_application.Urls.First());

    /// <summary>After how many bytes every answer stalls; null for not at all.</summary>
    public int? StallAfter { get; set; }

    /// <summary>First byte and authorization of every request for the file's content.</summary>
    public ConcurrentQueue<(long From, string Authorization)> Asked { get; } = new();

    public static async Task<FileServer> StartAsync(byte[] content, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (certificate is null)
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        else
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var application = builder.Build();
        var server = new FileServer(application, content);
        application.Run(server.AnswerAsync);
        await application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/api/models/owner/repo/revision/main" => context.Response.WriteAsync($$"""{"sha":"{{Commit}}"}"""),
        $"/api/models/owner/repo/tree/{Commit}" => context.Response.WriteAsync(new JsonArray(new JsonObject
        {
            ["type"] = "file",
            ["path"] = "model.gguf",
            ["size"] = _content.Length,
            ["oid"] = new string('0', 40),
            ["lfs"] = new JsonObject { ["oid"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(_content)) },
        }).ToJsonString()),
        $"/owner/repo/resolve/{Commit}/model.gguf" or "/web/model.gguf" => FileAsync(context),
        _ => NotFound(context),
    };

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    private async Task FileAsync(HttpContext context)
    {
        var range = context.Request.GetTypedHeaders().Range?.Ranges.FirstOrDefault();
        var from = (int)(range?.From ?? 0);
        var to = (int)(range?.To ?? _content.Length - 1);
        context.Response.Headers.ETag = "\"v1\"";
        if (range is not null)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{to}/{_content.Length}";
        }
        context.Response.ContentLength = to - from + 1;
        if (range?.To is null)
            Asked.Enqueue((from, context.Request.Headers.Authorization.ToString()));
        var end = range?.To is null && StallAfter is { } stall ? Math.Min(to + 1, from + stall) : to + 1;
        await context.Response.Body.WriteAsync(_content.AsMemory(from, end - from), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (end <= to)
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            }
            catch (OperationCanceledException)
            {
                // The reader left.
            }
        }
    }
}
