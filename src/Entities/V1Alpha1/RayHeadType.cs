namespace GpuStack.Entities.V1Alpha1;

/// <summary>Where the head of a Ray cluster runs.</summary>
public enum RayHeadType
{
    /// <summary>In the leader's pod.</summary>
    Colocated,

    /// <summary>In a pod of its own, on a node that needs no GPU.</summary>
    Dedicated,
}
