namespace GpuStack.Entities.V1Alpha1;

/// <summary>Whether a feature is used, where the operator may decide.</summary>
public enum AutoFeatureState
{
    /// <summary>The operator decides by the hardware.</summary>
    Auto,

    /// <summary>Used.</summary>
    Enabled,

    /// <summary>Not used.</summary>
    Disabled,
}
