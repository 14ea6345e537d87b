using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Admission;

/// <summary>
/// Opens connections to webhooks: Services by the test's table, TLS by the configuration's CA bundle at the cluster's time. What
/// fails is told in the words of Go's network packages, which users see in the answers of a real server.
/// </summary>
internal sealed class WebhookConnector(ClusterStore store, ServiceEndpoints endpoints)
{
    private int _turn;

    public HttpClient Connect(WebhookAddress address)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectCallback = (context, cancellationToken) => DialAsync(address, context.DnsEndPoint, cancellationToken),
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
        {
            var fault = Fault(address, certificate as X509Certificate2, chain);
            // Thrown, so that the words reach the caller.
            return fault is null ? true : throw new AuthenticationFault(fault);
        };
        return new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
    }

    /// <summary>What went wrong, as Go says it.</summary>
    public static string Words(Exception failure)
    {
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case AuthenticationFault or DialFault:
                    return inner.Message;
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData }:
                    return "dial tcp: no such host";
            }
        }

        return failure is OperationCanceledException ? "context deadline exceeded" : failure is HttpRequestException or IOException ? "EOF" : failure.Message;
    }

    private async ValueTask<Stream> DialAsync(WebhookAddress address, DnsEndPoint host, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (address.Service is { } service)
            {
                var choice = Choose(service.Namespace, service.Name);
                await ConnectAsync(socket, choice, cancellationToken).ConfigureAwait(false);
            }
            else if (IPAddress.TryParse(host.Host, out var literal))
            {
                await ConnectAsync(socket, new IPEndPoint(literal, host.Port), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await socket.ConnectAsync(host, cancellationToken).ConfigureAwait(false);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private IPEndPoint Choose(string namespaceName, string name)
    {
        var known = endpoints.Find(namespaceName, name);
        if (known.Count > 0)
            return known[(int)((uint)Interlocked.Increment(ref _turn) % known.Count)];
        throw new DialFault(store.Get(BuiltInResources.Services, namespaceName, name) is null
            ? $"service \"{name}\" not found"
            : $"no endpoints available for service \"{name}\"");
    }

    private static async Task ConnectAsync(Socket socket, IPEndPoint to, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(to, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException refused)
        {
            var why = refused.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : refused.Message;
            throw new DialFault($"dial tcp {to}: connect: {why}", refused);
        }
    }

    /// <summary>What is wrong with a certificate; null when it is trusted.</summary>
    private string? Fault(WebhookAddress address, X509Certificate2? certificate, X509Chain? shown)
    {
        const string failed = "tls: failed to verify certificate: x509: ";
        if (certificate is null)
            return "tls: server sent no certificate";
        var now = store.Time.GetUtcNow();
        if (now < new DateTimeOffset(certificate.NotBefore) || now > new DateTimeOffset(certificate.NotAfter))
        {
            var (relation, limit) = now < new DateTimeOffset(certificate.NotBefore) ? ("before", certificate.NotBefore) : ("after", certificate.NotAfter);
            return $"{failed}certificate has expired or is not yet valid: current time {Time(now)} is {relation} {Time(new DateTimeOffset(limit))}";
        }

        var host = new Uri(address.Url).Host;
        if (!certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: false))
            return $"{failed}certificate is valid for {string.Join(", ", Names(certificate))}, not {host}";
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        if (address.Authorities.Length > 0)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            if (!TryReadAuthorities(address.Authorities, chain.ChainPolicy.CustomTrustStore))
                return "unable to load root certificates: unable to parse bytes as PEM block";
        }

        foreach (var element in shown?.ChainPolicy.ExtraStore ?? [])
            chain.ChainPolicy.ExtraStore.Add(element);
        return chain.Build(certificate) ? null : $"{failed}certificate signed by unknown authority";
    }

    private static bool TryReadAuthorities(string base64, X509Certificate2Collection authorities)
    {
        try
        {
            authorities.ImportFromPem(Encoding.ASCII.GetString(Convert.FromBase64String(base64)));
            return authorities.Count > 0;
        }
        catch (Exception broken) when (broken is FormatException or CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Names(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names =>
            names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The certificate is not trusted.</summary>
    private sealed class AuthenticationFault(string message) : Exception(message);

    /// <summary>There is nobody to connect to.</summary>
    private sealed class DialFault(string message, Exception? inner = null) : Exception(message, inner);
}
