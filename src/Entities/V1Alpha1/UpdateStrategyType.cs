namespace GpuStack.Entities.V1Alpha1;

/// <summary>When a changed spec reaches running groups.</summary>
public enum UpdateStrategyType
{
    /// <summary>Group by group, by the operator.</summary>
    RollingUpdate,

    /// <summary>When the user deletes a group's pods.</summary>
    OnDelete,
}
