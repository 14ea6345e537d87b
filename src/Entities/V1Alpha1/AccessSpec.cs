namespace GpuStack.Entities.V1Alpha1;

/// <summary>How clients reach the model.</summary>
public sealed class AccessSpec
{
    /// <summary>The Service.</summary>
    public ServiceSpec Service { get; set; } = new();

    /// <summary>Secret with the API key that clients must send. Default: none is asked for.</summary>
    public ApiKeySecretReference? ApiKeySecretRef { get; set; }

    /// <summary>Whether a NetworkPolicy closes all ports but those that are needed.</summary>
    public FeatureState NetworkPolicy { get; set; } = FeatureState.Enabled;
}
