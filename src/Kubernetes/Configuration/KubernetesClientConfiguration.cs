using System.Security.Cryptography.X509Certificates;
using GpuStack.Kubernetes.Client.Transport;

namespace GpuStack.Kubernetes.Configuration;

/// <summary>Where the API server is, whom to trust and who we are. Holds secrets; never printed.</summary>
public sealed class KubernetesClientConfiguration
{
    /// <summary>The server's address, perhaps with a path.</summary>
    public required Uri Server { get; init; }

    /// <summary>The namespace of the context, or of the pod; <c>default</c> otherwise.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Sent with every request; <c>gpustack-operator/VERSION (os/arch)</c> by default.</summary>
    public string UserAgent { get; init; } = ProductUserAgent.Default;

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

    /// <summary>
    /// A proxy for these requests, perhaps with user and password: http, https or socks5. Null: none, whatever the
    /// environment says; a configuration that is loaded has the environment's here when the kubeconfig names none.
    /// </summary>
    public Uri? ProxyUrl { get; init; }

    /// <summary>Ask for answers as they are: cheaper for both sides where the network is fast.</summary>
    public bool DisableCompression { get; init; }

    /// <summary>Act as somebody else.</summary>
    public Impersonation? Impersonate { get; init; }

    /// <summary>Base64 of user:password.</summary>
    internal string? BasicCredentials { get; init; }

    /// <summary>Where <see cref="CertificateAuthorities"/> come from, to be read again.</summary>
    internal PemSource? CertificateAuthoritySource { get; init; }

    /// <summary>Where <see cref="ClientCertificate"/> comes from, to be read again.</summary>
    internal ClientCertificateSource? ClientCertificateSource { get; init; }

    /// <summary>A program that knows our token or certificate.</summary>
    internal ExecPlugin? Exec { get; init; }

    /// <summary>
    /// As controllers find it: the files that KUBECONFIG lists, else the pod's service account, else
    /// <c>~/.kube/config</c>. With a context named, the service account is passed over.
    /// </summary>
    /// <exception cref="KubeconfigException">None of them is there, or what is there is wrong.</exception>
    public static KubernetesClientConfiguration Load(string? context = null) => KubeconfigLocator.Load(Environment.GetEnvironmentVariable, context);

    /// <summary>One kubeconfig file.</summary>
    /// <exception cref="KubeconfigException">The file is missing or wrong.</exception>
    public static KubernetesClientConfiguration FromFile(string path, string? context = null) =>
        KubeconfigReader.Read([Kubeconfig.FromFile(path)], context, Environment.GetEnvironmentVariable);

    /// <summary>A kubeconfig as text; relative paths in it are relative to the current directory.</summary>
    /// <exception cref="KubeconfigException">The text is wrong.</exception>
    public static KubernetesClientConfiguration FromText(string text, string? context = null) => KubeconfigReader.Read(
        [Kubeconfig.FromText(text, "kubeconfig", Directory.GetCurrentDirectory())], context, Environment.GetEnvironmentVariable);

    /// <summary>The pod's service account.</summary>
    /// <exception cref="KubeconfigException">This is no pod, or it has no service account token.</exception>
    public static KubernetesClientConfiguration InCluster() => InClusterConfiguration.Load(Environment.GetEnvironmentVariable, InClusterConfiguration.ServiceAccountDirectory);

    /// <summary>The server's address and nothing else.</summary>
    public override string ToString() => Server.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
