namespace GpuStack.Entities.V1Alpha1;

/// <summary>How many nodes may mount a claim.</summary>
public enum ClaimAccessMode
{
    /// <summary>One node.</summary>
    ReadWriteOnce,

    /// <summary>Any number of nodes.</summary>
    ReadWriteMany,
}
