using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>A cluster of a kubeconfig: where it is and whom to trust.</summary>
internal sealed class KubeconfigCluster
{
    private const string ExecExtension = "client.authentication.k8s.io/exec";

    public required Uri Server { get; init; }

    public X509Certificate2Collection? Authorities { get; private init; }

    /// <summary>Where <see cref="Authorities"/> come from.</summary>
    public PemSource? AuthoritySource { get; private init; }

    public bool SkipTlsVerify { get; private init; }

    public string? TlsServerName { get; private init; }

    public Uri? ProxyUrl { get; private init; }

    public bool DisableCompression { get; private init; }

    /// <summary>What the cluster has for credential plugins.</summary>
    public JsonNode? ExecExtensionValue { get; private init; }

    public static KubeconfigCluster Read(KubeconfigEntry cluster)
    {
        var server = ReadServer(cluster);
        var skip = cluster.Flag("insecure-skip-tls-verify");
        var source = cluster.Pem("certificate-authority");
        if (skip && source is not null)
            throw cluster.Error("insecure-skip-tls-verify", "and a certificate-authority are both set; remove one");
        return new KubeconfigCluster
        {
            Server = server,
            SkipTlsVerify = skip,
            AuthoritySource = source,
            Authorities = source is null ? null : ReadAuthorities(cluster, source),
            TlsServerName = cluster.Text("tls-server-name"),
            ProxyUrl = ReadProxy(cluster),
            DisableCompression = cluster.Flag("disable-compression"),
            ExecExtensionValue = cluster.Entries("extensions").FirstOrDefault(e => e.Text("name") == ExecExtension)?.Fields["extension"],
        };
    }

    /// <summary>The cluster as credential plugins are told of it.</summary>
    /// <exception cref="IOException">The certificate authority's file cannot be read.</exception>
    public JsonObject ToExecInfo()
    {
        var info = new JsonObject { ["server"] = Server.AbsoluteUri.TrimEnd('/') };
        if (TlsServerName is not null) info["tls-server-name"] = TlsServerName;
        if (SkipTlsVerify) info["insecure-skip-tls-verify"] = true;
        if (AuthoritySource is not null) info["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(AuthoritySource.Read()));
        if (ProxyUrl is not null) info["proxy-url"] = ProxyUrl.OriginalString;
        if (DisableCompression) info["disable-compression"] = true;
        if (ExecExtensionValue is not null) info["config"] = ExecExtensionValue.DeepClone();
        return info;
    }

    private static Uri ReadServer(KubeconfigEntry cluster)
    {
        var server = cluster.Text("server") ?? throw cluster.Error("server", "is not set");
        // What stands before an @ is a password: not shown, and not sent by accident.
        if (server.Contains('@', StringComparison.Ordinal))
            throw cluster.Error("server", "holds a user or password; remove it, and set username and password of the user instead");
        return Uri.TryCreate(server, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw cluster.Error("server", $"is '{server}'; expected a URL such as https://10.0.0.1:6443");
    }

    private static Uri? ReadProxy(KubeconfigEntry cluster)
    {
        if (cluster.Text("proxy-url") is not { } text) return null;
        // Its text is not shown: it may hold a password.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var proxy) || proxy.Host.Length == 0)
            throw cluster.Error("proxy-url", "is no URL; expected one such as http://proxy.example.com:3128");
        return proxy.Scheme is "http" or "https" or "socks5"
            ? proxy
            : throw cluster.Error("proxy-url", $"has the scheme {proxy.Scheme}; expected http, https or socks5");
    }

    private static X509Certificate2Collection ReadAuthorities(KubeconfigEntry cluster, PemSource source)
    {
        var pem = cluster.ReadPem(source, "certificate-authority");
        try
        {
            return CertificateAuthorities.FromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw cluster.Error("certificate-authority", "holds no PEM certificate", e);
        }
    }
}
