using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using GpuStack.Kubernetes.Configuration;

namespace GpuStack.Kubernetes.Client;

/// <summary>Connections to the API server: trust, client certificate, and finding dead connections.</summary>
internal static class ConnectionHandler
{
    public static SocketsHttpHandler Create(KubernetesClientConfiguration configuration)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            UseCookies = false,
            // A cluster's address is never meant for a proxy of the environment unless the kubeconfig says so.
            UseProxy = configuration.ProxyUrl is not null,
            Proxy = configuration.ProxyUrl is { } proxy ? new WebProxy(proxy) : null,
        };
        handler.SslOptions = CreateTls(configuration);
        return handler;
    }

    private static SslClientAuthenticationOptions CreateTls(KubernetesClientConfiguration configuration)
    {
        var tls = new SslClientAuthenticationOptions();
        if (configuration.SkipTlsVerify)
        {
            // The user's explicit insecure-skip-tls-verify.
#pragma warning disable CA5359, MA0039
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359, MA0039
        }
        else if (configuration.CertificateAuthorities is { Count: > 0 } authorities)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(authorities);
            tls.CertificateChainPolicy = policy;
        }

        if (configuration.ClientCertificate is { } certificate)
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, configuration.ClientCertificateChain, offline: true);
        return tls;
    }
}
