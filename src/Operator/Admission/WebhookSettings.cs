using System.Net;

namespace GpuStack.Operator.Admission;

/// <summary>How the webhook is served, and how the API server finds it.</summary>
public sealed record WebhookSettings
{
    /// <summary>Where the API server asks.</summary>
    public const string Path = "/validate-inference-gpustack-io-v1alpha1-modeldeployment";

    /// <summary>The webhook's name in its configuration.</summary>
    public const string WebhookName = "vmodeldeployment.inference.gpustack.io";

    /// <summary>The Secret's name unless told otherwise.</summary>
    public const string DefaultSecret = "gpustack-operator-webhook-cert";

    /// <summary>The Service's name unless told otherwise.</summary>
    public const string DefaultService = "gpustack-operator-webhook";

    /// <summary>The configuration's name unless told otherwise.</summary>
    public const string DefaultConfiguration = "gpustack-operator";

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; init; } = 9443;

    /// <summary>The address; null for all, IPv4 and IPv6.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The folder with tls.crt and tls.key, as cert-manager's Secret is mounted; null where the operator makes its own certificate.</summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>The operator's own namespace.</summary>
    public string Namespace { get; init; } = "gpustack-system";

    /// <summary>The Secret by which replicas share their own certificate.</summary>
    public string Secret { get; init; } = DefaultSecret;

    /// <summary>The Service that leads to the webhook: its names are those of the certificate.</summary>
    public string Service { get; init; } = DefaultService;

    /// <summary>The ValidatingWebhookConfiguration that the authorities are written into.</summary>
    public string Configuration { get; init; } = DefaultConfiguration;

    /// <summary>How often the Secret and the configuration are looked at.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Called with the port once the webhook listens, where somebody in the same process needs it.</summary>
    public Action<int>? Listening { get; init; }

    /// <summary>The names of the Service, the one that API servers use first.</summary>
    internal IReadOnlyList<string> DnsNames => [$"{Service}.{Namespace}.svc", $"{Service}.{Namespace}.svc.cluster.local", $"{Service}.{Namespace}", Service];
}
