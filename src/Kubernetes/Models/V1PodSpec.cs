using System.Text.Json;

namespace GpuStack.Kubernetes.Models;

/// <summary>What a pod runs, and where it may.</summary>
public sealed class V1PodSpec
{
    public List<V1Volume>? Volumes { get; set; }

    public List<V1Container>? InitContainers { get; set; }

    public List<V1Container>? Containers { get; set; }

    public List<JsonElement>? EphemeralContainers { get; set; }

    public string? RestartPolicy { get; set; }

    public long? TerminationGracePeriodSeconds { get; set; }

    public long? ActiveDeadlineSeconds { get; set; }

    public string? DnsPolicy { get; set; }

    public V1PodDNSConfig? DnsConfig { get; set; }

    public Dictionary<string, string>? NodeSelector { get; set; }

    public string? ServiceAccountName { get; set; }

    public bool? AutomountServiceAccountToken { get; set; }

    /// <summary>Set by the scheduler.</summary>
    public string? NodeName { get; set; }

    public bool? HostNetwork { get; set; }

    public bool? HostPID { get; set; }

    public bool? HostIPC { get; set; }

    public bool? HostUsers { get; set; }

    public bool? ShareProcessNamespace { get; set; }

    public V1PodSecurityContext? SecurityContext { get; set; }

    public List<V1LocalObjectReference>? ImagePullSecrets { get; set; }

    public string? Hostname { get; set; }

    public string? Subdomain { get; set; }

    public bool? SetHostnameAsFQDN { get; set; }

    public V1Affinity? Affinity { get; set; }

    public string? SchedulerName { get; set; }

    public List<V1Toleration>? Tolerations { get; set; }

    public List<V1HostAlias>? HostAliases { get; set; }

    public string? PriorityClassName { get; set; }

    public int? Priority { get; set; }

    public string? PreemptionPolicy { get; set; }

    public List<V1PodReadinessGate>? ReadinessGates { get; set; }

    public string? RuntimeClassName { get; set; }

    public bool? EnableServiceLinks { get; set; }

    public Dictionary<string, Quantity>? Overhead { get; set; }

    public List<V1TopologySpreadConstraint>? TopologySpreadConstraints { get; set; }

    public List<V1PodSchedulingGate>? SchedulingGates { get; set; }

    public List<V1PodResourceClaim>? ResourceClaims { get; set; }

    /// <summary>Resources of the pod as a whole, since Kubernetes 1.34.</summary>
    public V1ResourceRequirements? Resources { get; set; }

    public V1PodOS? Os { get; set; }
}

public sealed class V1PodDNSConfig
{
    public List<string>? Nameservers { get; set; }

    public List<string>? Searches { get; set; }

    public List<V1PodDNSConfigOption>? Options { get; set; }
}

public sealed class V1PodDNSConfigOption
{
    public string? Name { get; set; }

    public string? Value { get; set; }
}

public sealed class V1HostAlias
{
    public string? Ip { get; set; }

    public List<string>? Hostnames { get; set; }
}

public sealed class V1PodReadinessGate
{
    public string? ConditionType { get; set; }
}

public sealed class V1PodSchedulingGate
{
    public string? Name { get; set; }
}

public sealed class V1PodResourceClaim
{
    public string? Name { get; set; }

    public string? ResourceClaimName { get; set; }

    public string? ResourceClaimTemplateName { get; set; }
}

public sealed class V1PodOS
{
    public string? Name { get; set; }
}
