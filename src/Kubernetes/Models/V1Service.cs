namespace GpuStack.Kubernetes.Models;

/// <summary>A stable name and address for pods.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Service", PluralName = "services")]
public sealed class V1Service : KubernetesObject
{
    public V1ServiceSpec? Spec { get; set; }

    public V1ServiceStatus? Status { get; set; }
}

public sealed class V1ServiceSpec
{
    public List<V1ServicePort>? Ports { get; set; }

    public Dictionary<string, string>? Selector { get; set; }

    /// <summary>None for a headless service.</summary>
    public string? ClusterIP { get; set; }

    public List<string>? ClusterIPs { get; set; }

    public string? Type { get; set; }

    public List<string>? ExternalIPs { get; set; }

    public string? SessionAffinity { get; set; }

    public V1SessionAffinityConfig? SessionAffinityConfig { get; set; }

    public string? LoadBalancerIP { get; set; }

    public List<string>? LoadBalancerSourceRanges { get; set; }

    public string? LoadBalancerClass { get; set; }

    public string? ExternalName { get; set; }

    public string? ExternalTrafficPolicy { get; set; }

    public string? InternalTrafficPolicy { get; set; }

    public string? TrafficDistribution { get; set; }

    public int? HealthCheckNodePort { get; set; }

    public bool? PublishNotReadyAddresses { get; set; }

    public List<string>? IpFamilies { get; set; }

    public string? IpFamilyPolicy { get; set; }

    public bool? AllocateLoadBalancerNodePorts { get; set; }
}

public sealed class V1ServicePort
{
    public string? Name { get; set; }

    public string? Protocol { get; set; }

    public string? AppProtocol { get; set; }

    public int? Port { get; set; }

    public IntOrString? TargetPort { get; set; }

    public int? NodePort { get; set; }
}

public sealed class V1SessionAffinityConfig
{
    public V1ClientIPConfig? ClientIP { get; set; }
}

public sealed class V1ClientIPConfig
{
    public int? TimeoutSeconds { get; set; }
}

public sealed class V1ServiceStatus
{
    public V1LoadBalancerStatus? LoadBalancer { get; set; }

    public List<V1Condition>? Conditions { get; set; }
}

public sealed class V1LoadBalancerStatus
{
    public List<V1LoadBalancerIngress>? Ingress { get; set; }
}

public sealed class V1LoadBalancerIngress
{
    public string? Ip { get; set; }

    public string? Hostname { get; set; }

    public string? IpMode { get; set; }
}
