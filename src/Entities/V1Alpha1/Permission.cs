namespace GpuStack.Entities.V1Alpha1;

/// <summary>Whether the planner may do something.</summary>
public enum Permission
{
    /// <summary>It may.</summary>
    Allowed,

    /// <summary>It may not.</summary>
    Forbidden,
}
