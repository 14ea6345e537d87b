using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Planning.Volumes;

/// <summary>How storage objects say what they say. Pure.</summary>
internal static class StorageObjects
{
    /// <summary>The provisioner of classes whose volumes are made by hand.</summary>
    private const string NoProvisioner = "kubernetes.io/no-provisioner";

    private const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    /// <summary>The default among storage classes: of several the youngest, then the first by name, as Kubernetes decides.</summary>
    public static V1StorageClass? Default(IEnumerable<V1StorageClass> classes) => classes
        .Where(one => one.Metadata.Annotations?.GetValueOrDefault(DefaultClass) is "true")
        .OrderByDescending(one => one.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue)
        .ThenBy(one => one.Metadata.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>Whether a claim of the class stays unbound until a pod that uses it is scheduled.</summary>
    public static bool WaitsForFirstConsumer(V1StorageClass one) => one.VolumeBindingMode is "WaitForFirstConsumer";

    /// <summary>Whether the class makes volumes.</summary>
    public static bool Provisions(V1StorageClass one) => one.Provisioner != NoProvisioner;

    /// <summary>The claim that a volume is bound to, or is kept for; null for a volume that is free.</summary>
    public static (string Namespace, string Name)? ClaimOf(V1PersistentVolume volume) =>
        volume.Spec?.ClaimRef is { Name: { Length: > 0 } name } claim ? (claim.Namespace ?? "", name) : null;

    /// <summary>Names of the claims that a pod mounts.</summary>
    public static IEnumerable<string> ClaimsOf(V1Pod pod) =>
        (pod.Spec?.Volumes ?? []).Select(volume => volume.PersistentVolumeClaim?.ClaimName).OfType<string>();

    /// <summary>Whether a free volume can serve a claim: class, mode, access modes, size and selector, as the binder compares them.</summary>
    public static bool Serves(V1PersistentVolume volume, V1PersistentVolumeClaimSpec claim) =>
        volume.Status?.Phase is null or "Available" or "Bound"
        && (volume.Spec?.VolumeMode ?? "Filesystem") == (claim.VolumeMode ?? "Filesystem")
        && (claim.AccessModes ?? []).TrueForAll(mode => volume.Spec?.AccessModes?.Contains(mode) is true)
        && (Amount(claim.Resources?.Requests) is not { } wanted || (Amount(volume.Spec?.Capacity) is { } there && there >= wanted))
        && (claim.Selector?.MatchLabels ?? []).All(pair => volume.Metadata.Labels?.GetValueOrDefault(pair.Key) == pair.Value);

    private static Quantity? Amount(Dictionary<string, Quantity>? amounts) =>
        amounts is not null && amounts.TryGetValue("storage", out var amount) ? amount : (Quantity?)null;
}
