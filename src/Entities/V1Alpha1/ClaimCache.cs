using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>The model lives on a PersistentVolumeClaim: an existing one, or one that the operator makes.</summary>
[CelRule("has(self.claimName) != has(self.size)", "give either claimName (an existing claim) or size (the operator makes the claim)")]
[CelRule(
    "!has(self.claimName) || !has(self.storageClassName)",
    "storageClassName belongs to claims that the operator makes: remove it, or claimName",
    FieldPath = ".storageClassName")]
[CelRule(
    "!has(self.claimName) || !has(self.sharing) || self.sharing == 'Shared'",
    "an existing claim is shared by all pods: set sharing to Shared, or give size in place of claimName",
    FieldPath = ".sharing")]
public sealed class ClaimCache
{
    /// <summary>An existing claim of the same namespace.</summary>
    [Length(1, 253)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string? ClaimName { get; set; }

    /// <summary>Size of the claim that the operator makes.</summary>
    [CelRule(QuantityRules.Positive, QuantityRules.PositiveMessage)]
    public Quantity? Size { get; set; }

    /// <summary>Storage class of the claim that the operator makes. Default: the cluster's.</summary>
    [Length(1, 253)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string? StorageClassName { get; set; }

    /// <summary>Access mode of the claim that the operator makes. Shared over several nodes needs ReadWriteMany.</summary>
    public ClaimAccessMode AccessMode { get; set; } = ClaimAccessMode.ReadWriteOnce;

    /// <summary>Whether all pods share one claim or each has its own.</summary>
    public ClaimSharing Sharing { get; set; } = ClaimSharing.Shared;
}
