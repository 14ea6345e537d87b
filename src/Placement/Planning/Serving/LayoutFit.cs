using GpuStack.Modeling.Serving;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>Whether a model, divided so, fits GPUs of one kind.</summary>
/// <param name="Sizes">How the model is divided.</param>
/// <param name="Estimate">What each rank takes; null when the engine would not divide it so.</param>
/// <param name="Fraction">The share of a GPU that the engine is started with.</param>
/// <param name="Lacks">Why it does not fit, one sentence with numbers; null when it fits.</param>
internal sealed record LayoutFit(ParallelSizes Sizes, ServingEstimate? Estimate, double Fraction, string? Lacks)
{
    public bool Fits => Lacks is null;
}
