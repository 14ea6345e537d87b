using System.Text.Json.Serialization;

namespace GpuStack.Kubernetes.Models;

/// <summary>A request for storage.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "PersistentVolumeClaim", PluralName = "persistentvolumeclaims")]
public sealed class V1PersistentVolumeClaim : KubernetesObject
{
    public V1PersistentVolumeClaimSpec? Spec { get; set; }

    public V1PersistentVolumeClaimStatus? Status { get; set; }
}

public sealed class V1PersistentVolumeClaimSpec
{
    public List<string>? AccessModes { get; set; }

    public V1LabelSelector? Selector { get; set; }

    public V1VolumeResourceRequirements? Resources { get; set; }

    public string? VolumeName { get; set; }

    public string? StorageClassName { get; set; }

    public string? VolumeMode { get; set; }

    public V1TypedLocalObjectReference? DataSource { get; set; }

    public string? VolumeAttributesClassName { get; set; }
}

public sealed class V1VolumeResourceRequirements
{
    public Dictionary<string, Quantity>? Limits { get; set; }

    public Dictionary<string, Quantity>? Requests { get; set; }
}

public sealed class V1PersistentVolumeClaimStatus
{
    /// <summary>Pending, Bound or Lost.</summary>
    public string? Phase { get; set; }

    public List<string>? AccessModes { get; set; }

    public Dictionary<string, Quantity>? Capacity { get; set; }

    public List<V1PersistentVolumeClaimCondition>? Conditions { get; set; }
}

public sealed class V1PersistentVolumeClaimCondition
{
    public string? Type { get; set; }

    public string? Status { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? LastProbeTime { get; set; }

    [JsonConverter(typeof(Rfc3339TimeConverter))]
    public DateTimeOffset? LastTransitionTime { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }
}
