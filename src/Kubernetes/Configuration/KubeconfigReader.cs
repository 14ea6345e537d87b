using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>
/// Merges kubeconfig files as kubectl does: of entries with one name the first file's counts, and so does the first
/// current-context that is set.
/// </summary>
internal static class KubeconfigReader
{
    public static KubernetesClientConfiguration Read(IReadOnlyList<Kubeconfig> files, string? contextName)
    {
        var names = string.Join(", ", files.Select(f => f.Name));
        contextName ??= files.Select(f => f.Content["current-context"]?.ToString()).FirstOrDefault(c => !string.IsNullOrEmpty(c))
            ?? throw new KubeconfigException($"{names}: current-context is not set; set it with kubectl config use-context NAME.");
        var context = Find(files, "contexts", contextName, "context")
            ?? throw new KubeconfigException($"{names}: there is no context '{contextName}'; kubectl config get-contexts lists them.");
        var clusterName = context.Text("cluster") ?? throw context.Error("cluster", "is not set");
        var cluster = Find(files, "clusters", clusterName, "cluster") ?? throw context.Error("cluster", $"names '{clusterName}', which is not among the clusters");
        KubeconfigEntry? user = null;
        if (context.Text("user") is { } userName)
            user = Find(files, "users", userName, "user") ?? throw context.Error("user", $"names '{userName}', which is not among the users");
        return Create(context, cluster, user);
    }

    private static KubeconfigEntry? Find(IReadOnlyList<Kubeconfig> files, string list, string name, string field) =>
        files.Select(f => f.Find(list, name, field)).FirstOrDefault(e => e is not null);

    private static KubernetesClientConfiguration Create(KubeconfigEntry context, KubeconfigEntry cluster, KubeconfigEntry? user)
    {
        var server = cluster.Text("server") ?? throw cluster.Error("server", "is not set");
        if (!Uri.TryCreate(server, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw cluster.Error("server", $"is '{server}'; expected a URL such as https://10.0.0.1:6443");
        Uri? proxy = null;
        if (cluster.Text("proxy-url") is { } proxyText && !Uri.TryCreate(proxyText, UriKind.Absolute, out proxy))
            throw cluster.Error("proxy-url", "is not a URL");
        if (user?.Fields["exec"] is not null)
            throw user.Error("exec", "asks for a credential plugin, which is not supported yet; use a token or a client certificate");
        if (user?.Fields["auth-provider"] is not null)
            throw user.Error("auth-provider", "is not supported; use a token or a client certificate");

        var (certificate, chain) = ClientCertificate(user);
        return new KubernetesClientConfiguration
        {
            Server = uri,
            Namespace = context.Text("namespace") ?? "default",
            CertificateAuthorities = Authorities(cluster),
            SkipTlsVerify = cluster.Flag("insecure-skip-tls-verify"),
            TlsServerName = cluster.Text("tls-server-name"),
            ProxyUrl = proxy,
            ClientCertificate = certificate,
            ClientCertificateChain = chain,
            BearerToken = user?.Text("token"),
            BearerTokenFile = user?.FilePath("tokenFile"),
            BasicCredentials = user?.Text("username") is { } name
                ? Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{user.Text("password")}"))
                : null,
        };
    }

    private static X509Certificate2Collection? Authorities(KubeconfigEntry cluster)
    {
        if (cluster.Pem("certificate-authority") is not { } pem) return null;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw cluster.Error("certificate-authority", "holds no PEM certificate", e);
        }

        if (authorities.Count == 0) throw cluster.Error("certificate-authority", "holds no PEM certificate");
        return authorities;
    }

    private static (X509Certificate2? Certificate, X509Certificate2Collection? Chain) ClientCertificate(KubeconfigEntry? user)
    {
        if (user?.Pem("client-certificate") is not { } certificate) return (null, null);
        var key = user.Pem("client-key") ?? throw user.Error("client-key", "is not set, but there is a client-certificate");
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificate);
            if (chain.Count > 0) chain.RemoveAt(0);
            return (X509Certificate2.CreateFromPem(certificate, key), chain);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw user.Error("client-certificate", "and its key are no matching PEM pair", e);
        }
    }
}
