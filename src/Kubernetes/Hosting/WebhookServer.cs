using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Authentication;
using GpuStack.Kubernetes.Logging;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace GpuStack.Kubernetes.Hosting;

/// <summary>
/// Serves webhooks over TLS. A certificate that is replaced in its files is shown from the next handshake on, without a
/// restart; connections that stand go on.
/// </summary>
public sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebhookServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IServingCertificates _certificate;
    private readonly Dictionary<string, RequestDelegate> _handlers = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private FrozenDictionary<string, RequestDelegate> _routes = FrozenDictionary<string, RequestDelegate>.Empty;
    private HttpListener? _listener;
    private Task _following = Task.CompletedTask;
    private int _disposed;

    /// <summary>A server that does not listen yet.</summary>
    public WebhookServer(WebhookServerOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        _options = options;
        _time = timeProvider;
        _logger = loggerFactory.CreateLogger("GpuStack.Kubernetes.Hosting");
        _certificate = options is { CertificateFile: { } certificate, KeyFile: { } key }
            ? new CertificateFiles(certificate, key, options.ReloadInterval, timeProvider, _logger)
            : options.Certificate ?? throw new ArgumentException("Give either both files or a certificate.", nameof(options));
    }

    /// <summary>The port that was bound; null before the start.</summary>
    public int? Port => _listener?.Port;

    /// <summary>Serves a path; before the start.</summary>
    /// <param name="path">Such as <c>/validate</c>, matched exactly.</param>
    /// <param name="handler">Its <see cref="HttpContext.RequestAborted"/> is also cancelled when the time is up.</param>
    /// <exception cref="ArgumentException">The path is served already, or no path.</exception>
    public void Map(string path, RequestDelegate handler)
    {
        if (_listener is not null) throw new InvalidOperationException($"The webhook server runs already; map {path} before.");
        if (!path.StartsWith('/') || !_handlers.TryAdd(path, handler)) throw new ArgumentException($"'{path}' must begin with '/' and be mapped once.", nameof(path));
    }

    /// <summary>For readiness: what is wrong with the certificate now; null when it holds.</summary>
    public string? CheckCertificate() => _certificate.Check();

    /// <summary>Loads the certificate and listens.</summary>
    /// <exception cref="HostStartException">There is no certificate, or the port cannot be had.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _certificate.LoadAsync(cancellationToken).ConfigureAwait(false);
        _routes = _handlers.ToFrozenDictionary(StringComparer.Ordinal);
        _listener = await HttpListener.StartAsync("The webhook server", _options.Address, _options.Port, Configure, Listen, HandleAsync, cancellationToken)
            .ConfigureAwait(false);
        _following = _certificate.FollowAsync(_stop.Token);
        Log.Listening(_logger, "The webhook server", _listener.Port);
    }

    /// <summary>Takes no more requests; those under way have until the token is cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _disposed) == 1) return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        if (_listener is not null) await _listener.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        if (_listener is not null) await _listener.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Configure(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = _options.MaxRequestBytes;
        limits.MaxConcurrentConnections = 1024;
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
    }

    private void Listen(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new ValueTask<SslServerAuthenticationOptions>(Handshake()) });
    }

    // A selector of certificates would show the leaf alone; API servers that trust only the root need what lies between.
    private SslServerAuthenticationOptions Handshake() => new()
    {
        ServerCertificateContext = _certificate.Current?.Context ?? throw new AuthenticationException("There is no certificate to show."),
#pragma warning disable CA5398 // Nothing below TLS 1.2, whatever the machine's policy allows.
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore CA5398
    };

    private async Task HandleAsync(HttpContext context)
    {
        if (!_routes.TryGetValue(context.Request.Path.Value ?? "", out var handler))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var gone = context.RequestAborted;
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, limit.Token);
        context.RequestAborted = either.Token;
        try
        {
            await handler(context).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfClient(e, gone))
        {
            // A request that is too large or cut off, or whose client waits no more: no failure of ours.
            if (!context.Response.HasStarted) context.Response.StatusCode = Status(e, late: false);
        }
#pragma warning disable CA1031 // Whatever a handler does, the server lives on, and says nothing of it to the outside.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.RequestFailed(_logger, e, context.Request.Method, Bounded.Text(context.Request.Path.Value));
            if (context.Response.HasStarted) context.Abort();
            else context.Response.StatusCode = Status(e, limit.IsCancellationRequested);
        }
    }

    private static bool IsOfClient(Exception error, CancellationToken gone) =>
        error is Microsoft.AspNetCore.Http.BadHttpRequestException or ConnectionResetException or ConnectionAbortedException
        || (gone.IsCancellationRequested && error is OperationCanceledException or IOException);

    private static int Status(Exception error, bool late) => error switch
    {
        Microsoft.AspNetCore.Http.BadHttpRequestException bad => bad.StatusCode,
        OperationCanceledException when late => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };
}
