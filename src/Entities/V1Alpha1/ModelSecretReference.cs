using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>A key of a Secret in the ModelDeployment's own namespace that holds the access token of the model's source.</summary>
public sealed class ModelSecretReference
{
    /// <summary>Name of the Secret.</summary>
    [Required]
    [Length(1, 253)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string Name { get; set; } = "";

    /// <summary>Key in the Secret.</summary>
    [Length(1, 253)]
    [Pattern("^[-._a-zA-Z0-9]+$")]
    public string Key { get; set; } = "token";
}
