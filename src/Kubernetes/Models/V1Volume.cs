namespace GpuStack.Kubernetes.Models;

/// <summary>Storage that a pod's containers mount; exactly one source is set.</summary>
public sealed class V1Volume
{
    public string? Name { get; set; }

    public V1EmptyDirVolumeSource? EmptyDir { get; set; }

    public V1HostPathVolumeSource? HostPath { get; set; }

    public V1SecretVolumeSource? Secret { get; set; }

    public V1ConfigMapVolumeSource? ConfigMap { get; set; }

    public V1PersistentVolumeClaimVolumeSource? PersistentVolumeClaim { get; set; }

    public V1DownwardAPIVolumeSource? DownwardAPI { get; set; }

    public V1ProjectedVolumeSource? Projected { get; set; }

    public V1ImageVolumeSource? Image { get; set; }

    public V1EphemeralVolumeSource? Ephemeral { get; set; }

    public V1NFSVolumeSource? Nfs { get; set; }

    public V1CSIVolumeSource? Csi { get; set; }
}

public sealed class V1EmptyDirVolumeSource
{
    public string? Medium { get; set; }

    public Quantity? SizeLimit { get; set; }
}

public sealed class V1HostPathVolumeSource
{
    public string? Path { get; set; }

    public string? Type { get; set; }
}

public sealed class V1SecretVolumeSource
{
    public string? SecretName { get; set; }

    public List<V1KeyToPath>? Items { get; set; }

    public int? DefaultMode { get; set; }

    public bool? Optional { get; set; }
}

public sealed class V1ConfigMapVolumeSource
{
    public string? Name { get; set; }

    public List<V1KeyToPath>? Items { get; set; }

    public int? DefaultMode { get; set; }

    public bool? Optional { get; set; }
}

public sealed class V1KeyToPath
{
    public string? Key { get; set; }

    public string? Path { get; set; }

    public int? Mode { get; set; }
}

public sealed class V1PersistentVolumeClaimVolumeSource
{
    public string? ClaimName { get; set; }

    public bool? ReadOnly { get; set; }
}

public sealed class V1DownwardAPIVolumeSource
{
    public List<V1DownwardAPIVolumeFile>? Items { get; set; }

    public int? DefaultMode { get; set; }
}

public sealed class V1DownwardAPIVolumeFile
{
    public string? Path { get; set; }

    public V1ObjectFieldSelector? FieldRef { get; set; }

    public V1ResourceFieldSelector? ResourceFieldRef { get; set; }

    public int? Mode { get; set; }
}

public sealed class V1ProjectedVolumeSource
{
    public List<V1VolumeProjection>? Sources { get; set; }

    public int? DefaultMode { get; set; }
}

public sealed class V1VolumeProjection
{
    public V1SecretProjection? Secret { get; set; }

    public V1DownwardAPIVolumeSource? DownwardAPI { get; set; }

    public V1ConfigMapProjection? ConfigMap { get; set; }

    public V1ServiceAccountTokenProjection? ServiceAccountToken { get; set; }
}

public sealed class V1SecretProjection
{
    public string? Name { get; set; }

    public List<V1KeyToPath>? Items { get; set; }

    public bool? Optional { get; set; }
}

public sealed class V1ConfigMapProjection
{
    public string? Name { get; set; }

    public List<V1KeyToPath>? Items { get; set; }

    public bool? Optional { get; set; }
}

public sealed class V1ServiceAccountTokenProjection
{
    public string? Audience { get; set; }

    public long? ExpirationSeconds { get; set; }

    public string? Path { get; set; }
}

/// <summary>An OCI image mounted read-only; a gated field of newer clusters.</summary>
public sealed class V1ImageVolumeSource
{
    public string? Reference { get; set; }

    public string? PullPolicy { get; set; }
}

public sealed class V1EphemeralVolumeSource
{
    public V1PersistentVolumeClaimTemplate? VolumeClaimTemplate { get; set; }
}

public sealed class V1PersistentVolumeClaimTemplate
{
    public V1ObjectMeta? Metadata { get; set; }

    public V1PersistentVolumeClaimSpec? Spec { get; set; }
}

public sealed class V1NFSVolumeSource
{
    public string? Server { get; set; }

    public string? Path { get; set; }

    public bool? ReadOnly { get; set; }
}

public sealed class V1CSIVolumeSource
{
    public string? Driver { get; set; }

    public bool? ReadOnly { get; set; }

    public string? FsType { get; set; }

    public Dictionary<string, string>? VolumeAttributes { get; set; }

    public V1LocalObjectReference? NodePublishSecretRef { get; set; }
}
