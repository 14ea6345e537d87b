using System.Net.Security;
using System.Security.Authentication;
using GpuStack.Kubernetes.Access;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Logging;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>
/// <c>/healthz</c> and <c>/livez</c> (restart me), <c>/readyz</c> (send me nothing yet), each with a path per check, and
/// <c>/metrics</c>.
/// </summary>
/// <remarks>
/// As kube-apiserver answers: <c>ok</c>, or with <c>?verbose</c> and on failure a line per check; <c>?exclude=name</c>
/// leaves one out; 500 when something fails. Reasons are told at a check's own path, such as <c>/readyz/caches</c>.
/// </remarks>
public sealed class HealthServer : IAsyncDisposable
{
    private readonly HealthServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<HttpListener> _listeners = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly SelfSignedCertificate _ownCertificate;
    private readonly CertificateFiles? _certificateFiles;
    private Task _following = Task.CompletedTask;

    /// <summary>A server that does not listen yet.</summary>
    public HealthServer(HealthServerOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        _options = options;
        _time = timeProvider;
        _logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.Hosting");
        _ownCertificate = new SelfSignedCertificate(timeProvider);
        if (options.Protection is { CertificateFile: { } certificate, KeyFile: { } key } protection)
            _certificateFiles = new CertificateFiles(certificate, key, protection.ReloadInterval, timeProvider, _logger);
    }

    /// <summary>What <c>/healthz</c> and <c>/livez</c> check. Whoever fails here is restarted.</summary>
    public HealthChecks Liveness { get; } = new();

    /// <summary>What <c>/readyz</c> checks.</summary>
    public HealthChecks Readiness { get; } = new();

    /// <summary>The health port that was bound; null when none is served.</summary>
    public int? Port { get; private set; }

    /// <summary>The port of <c>/metrics</c> that was bound; null when none is served.</summary>
    public int? MetricsPort { get; private set; }

    /// <summary>Listens, from the first call on: a process may do so before its host starts.</summary>
    /// <exception cref="HostStartException">A port cannot be had, or there is no certificate.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_listeners.Count > 0) return;
        var shared = _options.MetricsPort is null || (_options.MetricsPort == _options.Port && _options.Port != 0);
        if (shared && _options is { Metrics: not null, Protection: not null })
            throw new HostStartException("Protected metrics cannot be served on the health port, which has no TLS. Give them a port of their own.");
        if (_options.Port is { } port)
        {
            Port = await ListenAsync("The health endpoint", port, Plain, context => HealthAsync(context, shared), cancellationToken).ConfigureAwait(false);
            if (shared && _options.Metrics is not null) MetricsPort = Port;
        }

        if (!shared && _options.Metrics is not null)
            MetricsPort = await ListenForMetricsAsync(_options.MetricsPort!.Value, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes no more requests; those under way have until the token is cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var listener in _listeners) await listener.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested) await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        foreach (var listener in _listeners) await listener.DisposeAsync().ConfigureAwait(false);
        _listeners.Clear();
        _stop.Dispose();
    }

    private static void Configure(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = 0;
        limits.MaxConcurrentConnections = 256;
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(1);
        limits.Http2.MaxStreamsPerConnection = 16;
    }

    private static void Plain(ListenOptions listen) => listen.Protocols = HttpProtocols.Http1;

    private void Encrypted(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new ValueTask<SslServerAuthenticationOptions>(Handshake()) });
    }

    private SslServerAuthenticationOptions Handshake() => new()
    {
        ServerCertificateContext = _certificateFiles is null ? _ownCertificate.Context : _certificateFiles.Current.Context,
#pragma warning disable CA5398 // Nothing below TLS 1.2, whatever the machine's policy allows.
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
    };

    private async Task<int> ListenForMetricsAsync(int port, CancellationToken cancellationToken)
    {
        const string What = "The metrics endpoint";
        if (_options.Protection is null) return await ListenAsync(What, port, Plain, MetricsAsync, cancellationToken).ConfigureAwait(false);
        if (_certificateFiles is { } files)
        {
            await files.LoadAsync(cancellationToken).ConfigureAwait(false);
            _following = files.FollowAsync(_stop.Token);
        }

        return await ListenAsync(What, port, Encrypted, ProtectedMetricsAsync, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> ListenAsync(string what, int port, Action<ListenOptions> listen, Func<HttpContext, Task> answer, CancellationToken cancellationToken)
    {
        var listener = await HttpListener.StartAsync(
            what,
            _options.Address,
            port,
            Configure,
            listen,
            context => AnswerAsync(context, answer),
            cancellationToken).ConfigureAwait(false);
        _listeners.Add(listener);
        Log.Listening(_logger, what, listener.Port);
        return listener.Port;
    }

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, Task> answer)
    {
        if (!PlainAnswer.IsRead(context))
        {
            await PlainAnswer.RefuseMethodAsync(context).ConfigureAwait(false);
            return;
        }

        var gone = context.RequestAborted;
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, limit.Token);
        context.RequestAborted = either.Token;
        try
        {
            await answer(context).ConfigureAwait(false);
        }
        catch (Exception e) when (gone.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // Nobody waits for the answer any more.
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Such as an API server that does not say who asks: no fault of this program.
            Log.RequestTooSlow(_logger, context.Request.Method, Bounded.Text(context.Request.Path.Value), _options.RequestTimeout.TotalSeconds);
            if (context.Response.HasStarted) context.Abort();
            else context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
#pragma warning disable CA1031 // Whatever a source of metrics does, the endpoint lives on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.RequestFailed(_logger, e, context.Request.Method, Bounded.Text(context.Request.Path.Value));
            if (context.Response.HasStarted) context.Abort();
            else context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private Task HealthAsync(HttpContext context, bool withMetrics)
    {
        var parts = (context.Request.Path.Value ?? "").Trim('/').Split('/', 2);
        if (withMetrics && parts is ["metrics"]) return MetricsAsync(context);
        var checks = parts[0] switch
        {
            "healthz" or "livez" => Liveness,
            "readyz" => Readiness,
            _ => null,
        };
        if (checks is null) return PlainAnswer.NotFoundAsync(context);
        var query = context.Request.Query;
        var report = parts.Length == 1
            ? HealthReport.OfAll(parts[0], checks, query["exclude"].OfType<string>(), query.ContainsKey("verbose"))
            : HealthReport.OfOne(checks, parts[1]);
        foreach (var failure in report.Failed) Log.CheckFailed(_logger, parts[0], Bounded.Text(failure));
        return PlainAnswer.WriteAsync(context, report.Status, report.Text);
    }

    private async Task ProtectedMetricsAsync(HttpContext context)
    {
        AccessVerdict verdict;
        try
        {
            verdict = await _options.Protection!.JudgeAsync(context.Request.Headers.Authorization, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KubernetesException or HttpRequestException or IOException or TimeoutException)
        {
            Log.ScraperNotJudged(_logger, Bounded.Text(e.Message));
            await PlainAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "the API server cannot be asked who you are\n").ConfigureAwait(false);
            return;
        }

        switch (verdict)
        {
            case AccessVerdict.Allowed:
                await MetricsAsync(context).ConfigureAwait(false);
                break;
            case AccessVerdict.Forbidden:
                await PlainAnswer.WriteAsync(context, StatusCodes.Status403Forbidden, "forbidden\n").ConfigureAwait(false);
                break;
            default:
                context.Response.Headers.WWWAuthenticate = "Bearer";
                await PlainAnswer.WriteAsync(context, StatusCodes.Status401Unauthorized, "unauthorized\n").ConfigureAwait(false);
                break;
        }
    }

    private async Task MetricsAsync(HttpContext context)
    {
        if (_options.Metrics is not { } metrics || context.Request.Path != "/metrics")
        {
            await PlainAnswer.NotFoundAsync(context).ConfigureAwait(false);
            return;
        }

        context.Response.Headers.Vary = "Accept";
        if (metrics.OpenMetrics is { } openMetrics && MetricsNegotiation.PrefersOpenMetrics(context.Request.Headers.Accept)) metrics = openMetrics;
        context.Response.ContentType = metrics.ContentType;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await metrics.WriteAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
