using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>The model lives in an emptyDir and is fetched anew for each pod.</summary>
public sealed class EphemeralCache
{
    /// <summary>Most bytes of the emptyDir. Default: no limit.</summary>
    [CelRule(QuantityRules.Positive, QuantityRules.PositiveMessage)]
    public Quantity? SizeLimit { get; set; }
}
