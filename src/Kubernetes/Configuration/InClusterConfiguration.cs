using System.Security.Cryptography;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>The service account that a pod is given.</summary>
internal static class InClusterConfiguration
{
    public const string ServiceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static bool IsPod(Func<string, string?> environment) => !string.IsNullOrEmpty(environment("KUBERNETES_SERVICE_HOST"));

    public static bool HasToken(string directory) => File.Exists(TokenFile(directory));

    public static KubernetesClientConfiguration Load(Func<string, string?> environment, string directory)
    {
        if (!IsPod(environment)) throw new KubeconfigException("KUBERNETES_SERVICE_HOST is not set: this process does not run inside a cluster.");
        if (!HasToken(directory))
            throw new KubeconfigException($"{TokenFile(directory)} does not exist; the pod's service account needs automountServiceAccountToken: true.");

        var host = environment("KUBERNETES_SERVICE_HOST")!;
        var port = environment("KUBERNETES_SERVICE_PORT") is { Length: > 0 } text ? text : "443";
        // An IPv6 address stands in brackets in a URL.
        if (host.Contains(':', StringComparison.Ordinal)) host = $"[{host}]";
        if (!Uri.TryCreate($"https://{host}:{port}", UriKind.Absolute, out var server))
            throw new KubeconfigException("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no host and port.");
        var authorityFile = Path.Combine(directory, "ca.crt");
        var source = File.Exists(authorityFile) ? PemSource.OfFile(authorityFile) : null;
        var namespaceFile = Path.Combine(directory, "namespace");
        try
        {
            return new KubernetesClientConfiguration
            {
                Server = server,
                Namespace = File.Exists(namespaceFile) ? BoundedFile.Read(namespaceFile).Trim() : "default",
                CertificateAuthorities = source is null ? null : CertificateAuthorities.FromPem(source.Read()),
                CertificateAuthoritySource = source,
                BearerTokenFile = TokenFile(directory),
                ProxyUrl = EnvironmentProxy.Find(server, environment),
            };
        }
        catch (CryptographicException e)
        {
            throw new KubeconfigException($"{authorityFile} holds no PEM certificate.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigException($"The service account in {directory} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static string TokenFile(string directory) => Path.Combine(directory, "token");
}
