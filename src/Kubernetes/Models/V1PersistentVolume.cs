namespace GpuStack.Kubernetes.Models;

/// <summary>A piece of storage of the cluster.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "PersistentVolume", PluralName = "persistentvolumes", Namespaced = false)]
public sealed class V1PersistentVolume : KubernetesObject
{
    public V1PersistentVolumeSpec? Spec { get; set; }

    public V1PersistentVolumeStatus? Status { get; set; }
}

/// <summary>The volume sources are left out but those that tie a volume to a node.</summary>
public sealed class V1PersistentVolumeSpec
{
    public Dictionary<string, Quantity>? Capacity { get; set; }

    public List<string>? AccessModes { get; set; }

    public V1ObjectReference? ClaimRef { get; set; }

    public string? PersistentVolumeReclaimPolicy { get; set; }

    public string? StorageClassName { get; set; }

    public List<string>? MountOptions { get; set; }

    public string? VolumeMode { get; set; }

    public V1VolumeNodeAffinity? NodeAffinity { get; set; }

    public V1HostPathVolumeSource? HostPath { get; set; }

    public V1LocalVolumeSource? Local { get; set; }

    public V1NFSVolumeSource? Nfs { get; set; }

    public V1CSIPersistentVolumeSource? Csi { get; set; }
}

public sealed class V1VolumeNodeAffinity
{
    public V1NodeSelector? Required { get; set; }
}

public sealed class V1LocalVolumeSource
{
    public string? Path { get; set; }

    public string? FsType { get; set; }
}

public sealed class V1CSIPersistentVolumeSource
{
    public string? Driver { get; set; }

    public string? VolumeHandle { get; set; }

    public bool? ReadOnly { get; set; }

    public string? FsType { get; set; }

    public Dictionary<string, string>? VolumeAttributes { get; set; }
}

public sealed class V1PersistentVolumeStatus
{
    public string? Phase { get; set; }

    public string? Message { get; set; }

    public string? Reason { get; set; }
}
