namespace GpuStack.Kubernetes.Models;

/// <summary>Webhooks that the API server asks whether a write may pass; as far as this project reads and writes it.</summary>
[KubernetesEntity(Group = "admissionregistration.k8s.io", ApiVersion = "v1", Kind = "ValidatingWebhookConfiguration", PluralName = "validatingwebhookconfigurations", Namespaced = false)]
public sealed class V1ValidatingWebhookConfiguration : KubernetesObject
{
    public List<V1ValidatingWebhook>? Webhooks { get; set; }
}

public sealed class V1ValidatingWebhook
{
    public string? Name { get; set; }

    public V1WebhookClientConfig? ClientConfig { get; set; }

    public string? FailurePolicy { get; set; }

    public int? TimeoutSeconds { get; set; }
}

public sealed class V1WebhookClientConfig
{
    public string? Url { get; set; }

    public V1WebhookServiceReference? Service { get; set; }

    /// <summary>The certificates that the webhook's must come from, in PEM.</summary>
    public byte[]? CaBundle { get; set; }
}

public sealed class V1WebhookServiceReference
{
    public string? Namespace { get; set; }

    public string? Name { get; set; }

    public string? Path { get; set; }

    public int? Port { get; set; }
}
