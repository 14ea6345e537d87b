using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>The service account that a pod is given.</summary>
internal static class InClusterConfiguration
{
    public const string ServiceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static bool IsPod(Func<string, string?> environment) => !string.IsNullOrEmpty(environment("KUBERNETES_SERVICE_HOST"));

    public static KubernetesClientConfiguration Load(Func<string, string?> environment, string directory)
    {
        if (!IsPod(environment)) throw new KubeconfigException("KUBERNETES_SERVICE_HOST is not set: this process does not run inside a cluster.");
        var tokenFile = Path.Combine(directory, "token");
        if (!File.Exists(tokenFile))
            throw new KubeconfigException($"{tokenFile} does not exist; the pod's service account needs automountServiceAccountToken: true.");

        var host = environment("KUBERNETES_SERVICE_HOST")!;
        var port = environment("KUBERNETES_SERVICE_PORT") is { Length: > 0 } text ? text : "443";
        // An IPv6 address stands in brackets in a URL.
        if (host.Contains(':', StringComparison.Ordinal)) host = $"[{host}]";
        var authorities = new X509Certificate2Collection();
        var authorityFile = Path.Combine(directory, "ca.crt");
        if (File.Exists(authorityFile)) authorities.ImportFromPemFile(authorityFile);
        var namespaceFile = Path.Combine(directory, "namespace");
        return new KubernetesClientConfiguration
        {
            Server = new Uri($"https://{host}:{port}"),
            Namespace = File.Exists(namespaceFile) ? File.ReadAllText(namespaceFile).Trim() : "default",
            CertificateAuthorities = authorities,
            BearerTokenFile = tokenFile,
        };
    }
}
