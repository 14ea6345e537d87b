using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GpuStack.Kubernetes.Client.Credentials;
using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Client.Transport;

/// <summary>
/// Connections to the API server: trust, client certificate, proxy, and finding dead connections. HTTP/2 connections are
/// pinged while requests are on them; TCP's own probes do the same for HTTP/1.1. When a server's limit of streams is
/// reached another connection is opened, so that watches never keep a request waiting.
/// </summary>
internal static class ConnectionHandler
{
    /// <summary>Unanswered probes after which a connection counts as dead.</summary>
    private const int TcpProbes = 3;

    /// <summary>Where SOCKS proxies listen when the address does not say; .NET knows none.</summary>
    private const int SocksPort = 1080;

    /// <summary>With certificates that rotate.</summary>
    public static HttpMessageHandler CreateRotating(
        KubernetesClientConfiguration configuration, KubernetesClientOptions options, ICredentialSource credentials, TimeProvider time)
    {
        var logger = options.LoggerFactory.CreateLogger("GpuStack.Kubernetes.Client");
        var source = new TlsMaterialSource(configuration, credentials, time, logger);
        return new RotatingHandler(source.ReadAsync, material => Create(configuration, options, material), source);
    }

    public static SocketsHttpHandler Create(KubernetesClientConfiguration configuration, KubernetesClientOptions options, TlsMaterial material) => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = configuration.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip,
        ConnectTimeout = options.ConnectTimeout,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, options, cancellationToken),
        EnableMultipleHttp2Connections = true,
        KeepAlivePingDelay = options.KeepAliveDelay,
        KeepAlivePingTimeout = options.KeepAliveTimeout,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        // Names of users are UTF-8 in the headers of Go programs too.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        UseCookies = false,
        UseProxy = configuration.ProxyUrl is not null,
        Proxy = configuration.ProxyUrl is { } proxy ? CreateProxy(proxy) : null,
        SslOptions = CreateTls(configuration, material),
    };

    private static void KeepAlive(Socket socket, KubernetesClientOptions options)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(options.KeepAliveDelay));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(options.KeepAliveTimeout / TcpProbes));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, TcpProbes);
    }

    private static int Seconds(TimeSpan time) => (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, 3600);

    internal static async ValueTask<Stream> ConnectAsync(DnsEndPoint server, KubernetesClientOptions options, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            KeepAlive(socket, options);
            await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static WebProxy CreateProxy(Uri proxy)
    {
        // Exceptions of the HTTP stack show the proxy's address: user and password are kept out of it.
        var scheme = proxy.Scheme == "socks5h" ? "socks5" : proxy.Scheme;
        var port = proxy.Port < 0 ? SocksPort : proxy.Port;
        var result = new WebProxy(new UriBuilder(proxy) { Scheme = scheme, Port = port, UserName = "", Password = "", Path = "", Query = "", Fragment = "" }.Uri);
        if (proxy.UserInfo.Length == 0) return result;
        var colon = proxy.UserInfo.IndexOf(':', StringComparison.Ordinal);
        var (user, password) = colon < 0 ? (proxy.UserInfo, "") : (proxy.UserInfo[..colon], proxy.UserInfo[(colon + 1)..]);
        result.Credentials = new NetworkCredential(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
        return result;
    }

    /// <summary>
    /// An authority that another one certifies is trusted as such, as by Go programs: that its own issuer is missing, and nothing else, may be
    /// wrong with the chain, and the chain must end at it.
    /// </summary>
    private static bool EndsAtAnAnchor(X509Chain? chain, SslPolicyErrors errors, X509Certificate2Collection anchors) =>
        errors == SslPolicyErrors.RemoteCertificateChainErrors
        && chain is { ChainElements.Count: > 1 }
        && chain.ChainStatus.All(one => one.Status is X509ChainStatusFlags.PartialChain)
        && anchors.Any(one => one.RawDataMemory.Span.SequenceEqual(chain.ChainElements[^1].Certificate.RawDataMemory.Span));

    private static SslClientAuthenticationOptions CreateTls(KubernetesClientConfiguration configuration, TlsMaterial material)
    {
        var tls = new SslClientAuthenticationOptions();
        if (configuration.SkipTlsVerify)
        {
            // The user's explicit insecure-skip-tls-verify.
#pragma warning disable CA5359, MA0039
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359, MA0039
        }
        else if (material.Authorities is { Count: > 0 } authorities)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(authorities);
            tls.CertificateChainPolicy = policy;
#pragma warning disable MA0039 // Stricter than it looks: see the function.
            tls.RemoteCertificateValidationCallback = (_, _, chain, errors) => errors == SslPolicyErrors.None || EndsAtAnAnchor(chain, errors, authorities);
#pragma warning restore MA0039
        }

        if (material.Certificate is { } pair)
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(pair.Certificate, pair.Chain, offline: true);
        return tls;
    }
}
