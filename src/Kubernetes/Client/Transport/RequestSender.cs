using System.Net;
using System.Text.Json.Serialization.Metadata;
using GpuStack.Kubernetes.Client.Credentials;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Kubernetes.Metrics;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>
/// Sends requests: waits for its turn, says who we are, counts, tries again what the server asks to be tried again (but
/// never a watch), and makes an exception of a failure. A 401 has the credentials read anew, once for each request.
/// </summary>
internal sealed class RequestSender : IDisposable
{
    private readonly HttpClient _http;
    private readonly ICredentialSource _credentials;
    private readonly RequestLimiter? _limiter;
    private readonly RequestRetry _retry;
    private readonly JsonTypeInfo<V1Status> _statusInfo;
    private readonly TimeProvider _time;
    private readonly string _host;

    public RequestSender(
        KubernetesClientConfiguration configuration,
        KubernetesClientOptions options,
        HttpMessageHandler handler,
        ICredentialSource credentials,
        JsonTypeInfo<V1Status> statusInfo,
        TimeProvider time)
    {
        _credentials = credentials;
        _statusInfo = statusInfo;
        _time = time;
        _host = configuration.Server.GetComponents(UriComponents.HostAndPort, UriFormat.UriEscaped);
        _limiter = RequestLimiter.Create(options, time);
        _retry = new RequestRetry(options, SendAuthorizedAsync, time, options.LoggerFactory.CreateLogger("GpuStack.Kubernetes.Client"));
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(configuration.Server.AbsoluteUri.TrimEnd('/') + "/"),
            // A watch lives as long as the server lets it; other requests are ended by their caller's token.
            Timeout = Timeout.InfiniteTimeSpan,
            // Over TLS the server picks HTTP/2 by ALPN; plain HTTP stays at 1.1.
            DefaultRequestVersion = configuration.Server.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        RequestHeaders.AddTo(_http.DefaultRequestHeaders, configuration);
    }

    public void Dispose()
    {
        _http.Dispose();
        _credentials.Dispose();
    }

    /// <summary>The answer to a request that succeeded, its body still to be read; or a 404 where the object may be missing.</summary>
    /// <exception cref="KubernetesException">The server answered with a failure.</exception>
    /// <exception cref="HttpRequestException">It could not be reached, or there are no credentials.</exception>
    public async Task<HttpResponseMessage> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var response = await (request.IsWatch ? SendAuthorizedAsync(request, cancellationToken) : _retry.SendAsync(request, cancellationToken)).ConfigureAwait(false);
        if (response.IsSuccessStatusCode || (request.MayBeMissing && response.StatusCode == HttpStatusCode.NotFound)) return response;
        using (response)
        {
            throw new KubernetesException(await FailureStatus.ReadAsync(response, _statusInfo, _time, cancellationToken).ConfigureAwait(false));
        }
    }

    private async Task<HttpResponseMessage> SendAuthorizedAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var credential = await _credentials.ReadAsync(cancellationToken).ConfigureAwait(false);
        var response = await SendOnceAsync(request, credential, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized) return response;
        Credential? renewed;
        try
        {
            renewed = await _credentials.RenewAsync(credential, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            response.Dispose();
            throw;
        }

        if (renewed is null) return response;
        response.Dispose();
        return await SendOnceAsync(request, renewed, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(ApiRequest request, Credential credential, CancellationToken cancellationToken)
    {
        if (_limiter is not null) await _limiter.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var message = request.ToMessage();
        message.Version = _http.DefaultRequestVersion;
        message.VersionPolicy = _http.DefaultVersionPolicy;
        message.Headers.Authorization = credential.Authorization;
        try
        {
            var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            ClientMetrics.Answered(request.Method.Method, _host, (int)response.StatusCode);
            return response;
        }
        catch
        {
            ClientMetrics.Failed(request.Method.Method, _host);
            throw;
        }
    }
}
