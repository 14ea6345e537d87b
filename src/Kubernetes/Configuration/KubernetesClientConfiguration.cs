using System.Security.Cryptography.X509Certificates;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>Where the API server is, whom to trust and who we are. Holds secrets; never printed.</summary>
public sealed class KubernetesClientConfiguration
{
    /// <summary>The server's address, perhaps with a path.</summary>
    public required Uri Server { get; init; }

    /// <summary>The namespace of the context, or of the pod; <c>default</c> otherwise.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Sent with every request.</summary>
    public string UserAgent { get; init; } = "gpustack-operator/0.1.0";

    /// <summary>Roots to trust instead of the system's.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>Trust any server; for tests.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The name in the server's certificate, where it is not the address's.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Our certificate, with its private key.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Intermediates to send along with <see cref="ClientCertificate"/>.</summary>
    public X509Certificate2Collection? ClientCertificateChain { get; init; }

    /// <summary>Our token; unused when there is a <see cref="BearerTokenFile"/>.</summary>
    public string? BearerToken { get; init; }

    /// <summary>A file with our token, read again every minute.</summary>
    public string? BearerTokenFile { get; init; }

    /// <summary>A proxy for these requests.</summary>
    public Uri? ProxyUrl { get; init; }

    /// <summary>Base64 of user:password.</summary>
    internal string? BasicCredentials { get; init; }

    /// <summary>
    /// As kubectl finds it: the files that KUBECONFIG lists, else <c>~/.kube/config</c>, else the pod's service account.
    /// </summary>
    /// <exception cref="KubeconfigException">None of them is there, or what is there is wrong.</exception>
    public static KubernetesClientConfiguration Load(string? context = null) => KubeconfigLocator.Load(Environment.GetEnvironmentVariable, context);

    /// <summary>One kubeconfig file.</summary>
    /// <exception cref="KubeconfigException">The file is missing or wrong.</exception>
    public static KubernetesClientConfiguration FromFile(string path, string? context = null) => KubeconfigReader.Read([Kubeconfig.FromFile(path)], context);

    /// <summary>A kubeconfig as text; relative paths in it are relative to the current directory.</summary>
    /// <exception cref="KubeconfigException">The text is wrong.</exception>
    public static KubernetesClientConfiguration FromText(string text, string? context = null) =>
        KubeconfigReader.Read([Kubeconfig.FromText(text, "kubeconfig", Directory.GetCurrentDirectory())], context);

    /// <summary>The pod's service account.</summary>
    /// <exception cref="KubeconfigException">This is no pod, or it has no service account token.</exception>
    public static KubernetesClientConfiguration InCluster() => InClusterConfiguration.Load(Environment.GetEnvironmentVariable, InClusterConfiguration.ServiceAccountDirectory);

    /// <inheritdoc/>
    public override string ToString() => Server.ToString();
}
