namespace GpuStack.Entities.V1Alpha1;

/// <summary>Whether a feature is used.</summary>
public enum FeatureState
{
    /// <summary>Used.</summary>
    Enabled,

    /// <summary>Not used.</summary>
    Disabled,
}
