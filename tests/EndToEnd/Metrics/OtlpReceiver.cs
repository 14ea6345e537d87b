using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace GpuStack.EndToEnd.Metrics;

/// <summary>
/// A collector for OTLP that keeps what it gets, over HTTP or as gRPC on HTTP/2 without TLS. Names in protobuf stand as they are, so that they
/// can be searched for.
/// </summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    /// <summary>What gRPC calls the paths of OTLP over HTTP.</summary>
    private static readonly Dictionary<string, string> Methods = new(StringComparer.Ordinal)
    {
        ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"] = "/v1/metrics",
        ["/opentelemetry.proto.collector.trace.v1.TraceService/Export"] = "/v1/traces",
    };

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, string Header, string Body)> _received = new();

    private OtlpReceiver(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    /// <summary>The values of a header of the requests so far.</summary>
    public IReadOnlyCollection<string> Headers => [.. _received.Select(one => one.Header)];

    /// <summary>All that came to a path so far, as Latin-1.</summary>
    public string Of(string path) => string.Concat(_received.Where(one => one.Path == path).Select(one => one.Body));

    /// <summary>What came to a path last, as Latin-1.</summary>
    public string LastOf(string path) => _received.Where(one => one.Path == path).Select(one => one.Body).LastOrDefault("");

    /// <param name="grpc">Whether it is called by gRPC.</param>
    public static async Task<OtlpReceiver> StartAsync(bool grpc = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var path = context.Request.Path.Value ?? "";
            receiver._received.Enqueue((grpc ? Methods.GetValueOrDefault(path, path) : path, context.Request.Headers.Authorization.ToString(), Encoding.Latin1.GetString(body.ToArray())));
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.ContentType = grpc ? "application/grpc" : "application/x-protobuf";
            if (grpc)
            {
                // One message without fields: not compressed, of no bytes.
                await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted);
                context.Response.AppendTrailer("grpc-status", "0");
            }
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
