namespace GpuStack.Entities.V1Alpha1;

/// <summary>Whether the pods of a deployment share one claim.</summary>
public enum ClaimSharing
{
    /// <summary>One claim for all pods.</summary>
    Shared,

    /// <summary>One claim for each pod.</summary>
    PerPod,
}
