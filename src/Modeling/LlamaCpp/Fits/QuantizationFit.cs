using GpuStack.Modeling.LlamaCpp.Quantization;

namespace GpuStack.Modeling.LlamaCpp.Fits;

/// <summary>One quantization of a model, and whether it fits.</summary>
public sealed record QuantizationFit
{
    /// <summary>The quantization.</summary>
    public required GgufFileType Type { get; init; }

    /// <summary>All weights of the file.</summary>
    public required Bytes Weight { get; init; }

    /// <summary>Whether every layer fits on the devices at the context that was asked for.</summary>
    public required bool Fits { get; init; }
}
