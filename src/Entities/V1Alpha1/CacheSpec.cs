using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>Where the model is kept: exactly one kind.</summary>
[CelRule(
    "[has(self.ephemeral), has(self.persistentVolumeClaim), has(self.hostPath)].exists_one(given, given)",
    "give exactly one cache: ephemeral, persistentVolumeClaim or hostPath")]
[CelRule(
    "has(self.ephemeral) == has(oldSelf.ephemeral) && has(self.persistentVolumeClaim) == has(oldSelf.persistentVolumeClaim) && " +
    "has(self.hostPath) == has(oldSelf.hostPath)",
    "the kind of cache cannot be changed: delete the ModelDeployment and create it anew")]
public sealed class CacheSpec
{
    /// <summary>An emptyDir; the default.</summary>
    public EphemeralCache? Ephemeral { get; set; }

    /// <summary>A claim.</summary>
    public ClaimCache? PersistentVolumeClaim { get; set; }

    /// <summary>A folder of the node.</summary>
    public HostPathCache? HostPath { get; set; }

    /// <summary>What happens to claims that the operator made when the ModelDeployment is deleted.</summary>
    public RetentionPolicy RetentionPolicy { get; set; } = RetentionPolicy.Retain;
}
