namespace GpuStack.Entities.V1Alpha1;

/// <summary>What happens to the cache's claims when the ModelDeployment is deleted.</summary>
public enum RetentionPolicy
{
    /// <summary>They stay.</summary>
    Retain,

    /// <summary>Claims that the operator made are deleted.</summary>
    Delete,
}
