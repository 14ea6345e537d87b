using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Objects;

/// <summary>Where a pod keeps the model, as <c>cache</c> asks, or where it finds the model that a volume already holds. Pure.</summary>
internal static class ModelVolume
{
    /// <summary>The volume's name, and the name of the claim template that makes it.</summary>
    public const string Name = "models";

    /// <summary>Where the cache is mounted.</summary>
    public const string CachePath = "/var/lib/gpustack/models";

    /// <summary>Where a source that is a volume is mounted, read-only.</summary>
    public const string SourcePath = "/var/lib/gpustack/source";

    private const string SourceName = "source";

    /// <summary>The cache's volume; null when a claim template makes it.</summary>
    public static V1Volume? Cache(ModelDeployment deployment) => deployment.Spec.Cache switch
    {
        { PersistentVolumeClaim.ClaimName: { } claim } => Claim(Name, claim, readOnly: null),
        { PersistentVolumeClaim.Sharing: ClaimSharing.PerPod } => null,
        { PersistentVolumeClaim: not null } => Claim(Name, ObjectName.CacheClaim(deployment.Metadata.Name ?? ""), readOnly: null),
        { HostPath: { } host } => new V1Volume
        {
            Name = Name,
            HostPath = new V1HostPathVolumeSource { Path = host.Path, Type = "DirectoryOrCreate" },
        },
        var cache => new V1Volume { Name = Name, EmptyDir = new V1EmptyDirVolumeSource { SizeLimit = cache.Ephemeral?.SizeLimit } },
    };

    /// <summary>The claim template of a cache that each pod has for itself; null for other caches.</summary>
    public static V1PersistentVolumeClaim? ClaimTemplate(ModelDeployment deployment) =>
        deployment.Spec.Cache.PersistentVolumeClaim is { Size: { } size, Sharing: ClaimSharing.PerPod } claim
            ? new V1PersistentVolumeClaim
            {
                ApiVersion = "v1",
                Kind = "PersistentVolumeClaim",
                Metadata = new V1ObjectMeta { Name = Name, Labels = ObjectIdentity.Labels(deployment) },
                Spec = ClaimSpec(claim, size),
            }
            : null;

    public static V1PersistentVolumeClaimSpec ClaimSpec(ClaimCache claim, Quantity size) => new()
    {
        AccessModes = [claim.AccessMode.ToString()],
        StorageClassName = claim.StorageClassName,
        Resources = new V1VolumeResourceRequirements
        {
            Requests = new Dictionary<string, Quantity>(StringComparer.Ordinal) { ["storage"] = size },
        },
    };

    /// <summary>The volume of a model that is already in the cluster; null for sources that are fetched.</summary>
    public static V1Volume? Source(ModelSourceSpec model) => model switch
    {
        { PersistentVolumeClaim: { } claim } => Claim(SourceName, claim.ClaimName, readOnly: true),
        { Image: { } image } => new V1Volume { Name = SourceName, Image = new V1ImageVolumeSource { Reference = image.Reference } },
        _ => null,
    };

    public static V1VolumeMount SourceMount() => new() { Name = SourceName, MountPath = SourcePath, ReadOnly = true };

    public static V1VolumeMount CacheMount() => new() { Name = Name, MountPath = CachePath };

    /// <summary>The model's path in a source that is a volume; null for sources that are fetched.</summary>
    public static string? PathInSource(ModelSourceSpec model) =>
        (model.PersistentVolumeClaim?.Path ?? model.Image?.Path) is { } path ? $"{SourcePath}/{path.TrimStart('/')}" : null;

    private static V1Volume Claim(string name, string claim, bool? readOnly) => new()
    {
        Name = name,
        PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim, ReadOnly = readOnly },
    };
}
