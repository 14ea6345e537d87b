using System.Collections.Concurrent;
using System.Threading.Channels;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Tests.Servers;

/// <summary>
/// An API server that says what the test tells it: ordinary requests are answered by <see cref="Answer"/>, each watch
/// becomes a session that the test writes to.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<WatchSession> _watches = Channel.CreateUnbounded<WatchSession>();
    private readonly Channel<RecordedRequest> _arrivals = Channel.CreateUnbounded<RecordedRequest>();

    private ScriptedServer(WebApplication app) => _app = app;

    public ConcurrentQueue<RecordedRequest> Requests { get; } = new();

    public Uri Url => new(_app.Urls.First());

    /// <summary>Null leaves the request without an answer until the client gives up.</summary>
    public Func<RecordedRequest, ScriptedAnswer?> Answer { get; set; } = request => ScriptedAnswer.NotFound(request.Path);

    /// <summary>What an answer that is ready waits for before it is sent.</summary>
    public Func<RecordedRequest, Task> Delay { get; set; } = _ => Task.CompletedTask;

    /// <summary>What a watch is refused with; null lets it in.</summary>
    public Func<RecordedRequest, ScriptedAnswer?> RefuseWatch { get; set; } = _ => null;

    /// <summary>
    /// Whether a watch may begin with the present objects (<c>sendInitialEvents</c>). By default such a watch is refused, and not even
    /// recorded, as by a server without the feature gate WatchList.
    /// </summary>
    public bool StreamsLists { get; set; }

    /// <param name="listen">Where and how to listen; by default plain HTTP on some port.</param>
    public static async Task<ScriptedServer> StartAsync(Action<KestrelServerOptions>? listen = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (listen is null) builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            listen?.Invoke(kestrel);
        });
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.Run(server.HandleAsync);
        await app.StartAsync();
        return server;
    }

    public KubernetesClient CreateClient(
        TimeProvider? time = null, KubernetesClientConfiguration? configuration = null, KubernetesClientOptions? options = null) =>
        new(configuration ?? new KubernetesClientConfiguration { Server = Url }, new KubernetesJson(), time, options);

    /// <summary>The next watch that was opened.</summary>
    public async Task<WatchSession> WatchAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        return await _watches.Reader.ReadAsync(limit.Token);
    }

    /// <summary>The next request of that kind, watches included; earlier ones are passed over.</summary>
    public async Task<RecordedRequest> RequestAsync(Func<RecordedRequest, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (true)
        {
            var request = await _arrivals.Reader.ReadAsync(limit.Token);
            if (wanted(request)) return request;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = new RecordedRequest(
            context.Request.Method,
            context.Request.Path.Value!,
            context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString()),
            context.Request.ContentType,
            await reader.ReadToEndAsync(),
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase))
        {
            ClientCertificate = context.Connection.ClientCertificate?.Subject,
            Protocol = context.Request.Protocol,
            Connection = context.Connection.Id,
        };
        if (!StreamsLists && request.IsWatch && request.Query.ContainsKey("sendInitialEvents"))
        {
            await WriteAsync(context, ScriptedAnswer.WithoutStreamingLists);
            return;
        }

        Requests.Enqueue(request);
        _arrivals.Writer.TryWrite(request);
        var refusal = request.IsWatch ? RefuseWatch(request) : null;
        if (request.IsWatch && refusal is null)
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.FlushAsync();
            var session = new WatchSession(request, context);
            _watches.Writer.TryWrite(session);
            await session.Ended;
            return;
        }

        var answer = refusal ?? Answer(request);
        if (answer is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        await Delay(request);
        await WriteAsync(context, answer);
    }

    private static async Task WriteAsync(HttpContext context, ScriptedAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers) context.Response.Headers[name] = value;
        await context.Response.WriteAsync(answer.Body);
    }
}
