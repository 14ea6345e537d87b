using GpuStack.Entities.Fleets;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Planning.Volumes;

/// <summary>Storage as a snapshot of a cluster, or a file, shows it.</summary>
internal sealed class SnapshotVolumes(ClusterSnapshot snapshot) : IVolumeSource
{
    private readonly ILookup<(string, string), V1PersistentVolumeClaim> _claims =
        snapshot.Claims.ToLookup(claim => (claim.Metadata.Namespace ?? "default", claim.Metadata.Name ?? ""));

    private readonly ILookup<string, V1PersistentVolume> _volumes = snapshot.Volumes.ToLookup(volume => volume.Metadata.Name ?? "", StringComparer.Ordinal);

    private readonly ILookup<(string, string), V1Pod> _users = snapshot.Pods
        .SelectMany(pod => StorageObjects.ClaimsOf(pod).Select(claim => (Claim: (pod.Metadata.Namespace ?? "default", claim), Pod: pod)))
        .ToLookup(pair => pair.Claim, pair => pair.Pod);

    public bool KnowsAllClaims => snapshot.ClaimsGiven;

    public V1PersistentVolumeClaim? Claim(string namespaceName, string name) => _claims[(namespaceName, name)].FirstOrDefault();

    public V1PersistentVolume? Volume(string name) => _volumes[name].FirstOrDefault();

    public IEnumerable<V1PersistentVolume> VolumesOfClass(string name) => snapshot.Volumes.Where(volume => volume.Spec?.StorageClassName == name);

    public V1StorageClass? Class(string? name) => name is null
        ? StorageObjects.Default(snapshot.StorageClasses)
        : snapshot.StorageClasses.FirstOrDefault(one => one.Metadata.Name == name);

    public IEnumerable<V1Pod> UsersOf(string namespaceName, string claim) => _users[(namespaceName, claim)];
}
