namespace GpuStack.Kubernetes.Models;

/// <summary>What a Prometheus scrapes behind Services, as the Prometheus operator reads it; as far as this project writes it.</summary>
[KubernetesEntity(Group = "monitoring.coreos.com", ApiVersion = "v1", Kind = "ServiceMonitor", PluralName = "servicemonitors")]
public sealed class V1ServiceMonitor : KubernetesObject
{
    public V1ServiceMonitorSpec? Spec { get; set; }
}

public sealed class V1ServiceMonitorSpec
{
    public V1LabelSelector? Selector { get; set; }

    public List<V1ServiceMonitorEndpoint>? Endpoints { get; set; }
}

public sealed class V1ServiceMonitorEndpoint
{
    public string? Port { get; set; }

    public string? Path { get; set; }

    public V1ServiceMonitorAuthorization? Authorization { get; set; }
}

public sealed class V1ServiceMonitorAuthorization
{
    public V1SecretKeySelector? Credentials { get; set; }
}
