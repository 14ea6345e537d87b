using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>How GPU memory is counted.</summary>
public sealed class PlacementMemorySpec
{
    /// <summary>Memory of each GPU that llama.cpp leaves free.</summary>
    [CelRule(QuantityRules.NotNegative, QuantityRules.NotNegativeMessage)]
    [SchemaDefault("\"1Gi\"")]
    public Quantity ReservePerGpu { get; set; } = Quantity.Parse("1Gi");

    /// <summary>Fraction of each GPU's memory that vLLM and SGLang use, above 0 and at most 1.</summary>
    [CelRule(
        "type(self) == int ? self == 1 : quantity(self).isGreaterThan(quantity('0')) && quantity(self).compareTo(quantity('1')) <= 0",
        "utilization is a fraction above 0 and at most 1, such as \"0.9\"")]
    [SchemaDefault("\"0.9\"")]
    public Quantity Utilization { get; set; } = Quantity.Parse("0.9");

    /// <summary>GPU memory that one group is taken to need in all, in place of the estimate.</summary>
    [CelRule(QuantityRules.Positive, QuantityRules.PositiveMessage)]
    public Quantity? Override { get; set; }
}
