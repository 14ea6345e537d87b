using GpuStack.Entities.Schema;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>A model on an existing PersistentVolumeClaim of the same namespace; it is mounted read-only.</summary>
public sealed class ModelClaimSource
{
    /// <summary>Name of the claim.</summary>
    [Required]
    [Length(1, 253)]
    [Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    public string ClaimName { get; set; } = "";

    /// <summary>File or folder on the volume, relative to its root.</summary>
    [Required]
    [Length(1, 500)]
    [Pattern("^[^/\\s][^\\s]*$")]
    [CelRule("!self.matches('(^|/)\\\\.\\\\.(/|$)')", "path must stay on the volume: remove '..' from it")]
    public string Path { get; set; } = "";
}
