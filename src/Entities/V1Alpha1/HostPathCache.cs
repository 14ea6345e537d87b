using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>The model lives in a folder of the node, shared by all deployments that name it.</summary>
public sealed class HostPathCache
{
    /// <summary>Absolute path of the folder; it is created when absent.</summary>
    [Required]
    [Length(2, 500)]
    [Pattern("^/[^\\s]+$")]
    [CelRule("!self.matches('(^|/)\\\\.\\\\.(/|$)')", "path must not hold '..': give the folder itself")]
    public string Path { get; set; } = "";

    /// <summary>Bytes beyond which the least recently used models are removed. Default: no limit.</summary>
    [CelRule(QuantityRules.Positive, QuantityRules.PositiveMessage)]
    public Quantity? SizeLimit { get; set; }
}
