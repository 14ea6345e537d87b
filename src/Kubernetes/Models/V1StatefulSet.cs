namespace GpuStack.Kubernetes.Models;

/// <summary>Pods with stable names NAME-0, NAME-1, ...</summary>
[KubernetesEntity(Group = "apps", ApiVersion = "v1", Kind = "StatefulSet", PluralName = "statefulsets")]
public sealed class V1StatefulSet : KubernetesObject
{
    public V1StatefulSetSpec? Spec { get; set; }

    public V1StatefulSetStatus? Status { get; set; }
}

public sealed class V1StatefulSetSpec
{
    public int? Replicas { get; set; }

    public V1LabelSelector? Selector { get; set; }

    public V1PodTemplateSpec? Template { get; set; }

    public List<V1PersistentVolumeClaim>? VolumeClaimTemplates { get; set; }

    public string? ServiceName { get; set; }

    public string? PodManagementPolicy { get; set; }

    public V1StatefulSetUpdateStrategy? UpdateStrategy { get; set; }

    public int? RevisionHistoryLimit { get; set; }

    public int? MinReadySeconds { get; set; }

    public V1StatefulSetPersistentVolumeClaimRetentionPolicy? PersistentVolumeClaimRetentionPolicy { get; set; }

    public V1StatefulSetOrdinals? Ordinals { get; set; }
}

public sealed class V1StatefulSetUpdateStrategy
{
    public string? Type { get; set; }

    public V1RollingUpdateStatefulSetStrategy? RollingUpdate { get; set; }
}

public sealed class V1RollingUpdateStatefulSetStrategy
{
    public int? Partition { get; set; }

    public IntOrString? MaxUnavailable { get; set; }
}

public sealed class V1StatefulSetPersistentVolumeClaimRetentionPolicy
{
    public string? WhenDeleted { get; set; }

    public string? WhenScaled { get; set; }
}

public sealed class V1StatefulSetOrdinals
{
    public int? Start { get; set; }
}

public sealed class V1StatefulSetStatus
{
    public long? ObservedGeneration { get; set; }

    public int? Replicas { get; set; }

    public int? ReadyReplicas { get; set; }

    public int? CurrentReplicas { get; set; }

    public int? UpdatedReplicas { get; set; }

    public string? CurrentRevision { get; set; }

    public string? UpdateRevision { get; set; }

    public int? CollisionCount { get; set; }

    public int? AvailableReplicas { get; set; }

    public List<V1Condition>? Conditions { get; set; }
}
