using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>A machine of the cluster.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Node", PluralName = "nodes", Namespaced = false)]
public sealed class V1Node : KubernetesObject
{
    public V1NodeSpec? Spec { get; set; }

    public V1NodeStatus? Status { get; set; }
}

public sealed class V1NodeSpec
{
    public string? PodCIDR { get; set; }

    public List<string>? PodCIDRs { get; set; }

    public string? ProviderID { get; set; }

    public bool? Unschedulable { get; set; }

    public List<V1Taint>? Taints { get; set; }
}

public sealed class V1NodeStatus
{
    public Dictionary<string, Quantity>? Capacity { get; set; }

    /// <summary>What pods may request in all.</summary>
    public Dictionary<string, Quantity>? Allocatable { get; set; }

    public string? Phase { get; set; }

    public List<V1NodeCondition>? Conditions { get; set; }

    public List<V1NodeAddress>? Addresses { get; set; }

    public V1NodeDaemonEndpoints? DaemonEndpoints { get; set; }

    public V1NodeSystemInfo? NodeInfo { get; set; }

    public List<string>? VolumesInUse { get; set; }

    public List<V1AttachedVolume>? VolumesAttached { get; set; }
}

/// <summary>Ready, MemoryPressure, DiskPressure, ...</summary>
public sealed class V1NodeCondition
{
    public string? Type { get; set; }

    public string? Status { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? LastHeartbeatTime { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }
}

public sealed class V1NodeAddress
{
    public string? Type { get; set; }

    public string? Address { get; set; }
}

public sealed class V1NodeDaemonEndpoints
{
    public V1DaemonEndpoint? KubeletEndpoint { get; set; }
}

public sealed class V1DaemonEndpoint
{
    [JsonPropertyName("Port")]
    public int? Port { get; set; }
}

public sealed class V1NodeSystemInfo
{
    public string? MachineID { get; set; }

    public string? SystemUUID { get; set; }

    public string? BootID { get; set; }

    public string? KernelVersion { get; set; }

    public string? OsImage { get; set; }

    public string? ContainerRuntimeVersion { get; set; }

    public string? KubeletVersion { get; set; }

    public string? KubeProxyVersion { get; set; }

    public string? OperatingSystem { get; set; }

    public string? Architecture { get; set; }
}

public sealed class V1AttachedVolume
{
    public string? Name { get; set; }

    public string? DevicePath { get; set; }
}
