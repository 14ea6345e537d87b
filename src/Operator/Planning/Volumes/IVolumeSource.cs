using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Planning.Volumes;

/// <summary>What is known of claims, volumes, storage classes and the pods that use claims.</summary>
internal interface IVolumeSource
{
    /// <summary>Whether all claims are known, so that one that is not found does not exist.</summary>
    bool KnowsAllClaims { get; }

    /// <summary>A claim; null when it is not known.</summary>
    V1PersistentVolumeClaim? Claim(string namespaceName, string name);

    /// <summary>A volume; null when it is not known.</summary>
    V1PersistentVolume? Volume(string name);

    /// <summary>The volumes of a storage class.</summary>
    IEnumerable<V1PersistentVolume> VolumesOfClass(string name);

    /// <summary>A storage class; null when it is not known.</summary>
    /// <param name="name">Its name; null for the cluster's default, empty for none.</param>
    V1StorageClass? Class(string? name);

    /// <summary>The pods that mount a claim.</summary>
    IEnumerable<V1Pod> UsersOf(string namespaceName, string claim);
}
