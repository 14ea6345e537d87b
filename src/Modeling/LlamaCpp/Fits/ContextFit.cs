namespace GpuStack.Modeling.LlamaCpp.Fits;

/// <summary>The largest context that fits.</summary>
public sealed record ContextFit
{
    /// <summary>Tokens per request, a multiple of 256 unless the model's own context is none.</summary>
    public required Tokens Context { get; init; }

    /// <summary>Layers per device at that context.</summary>
    public required DeviceSplit Split { get; init; }

    /// <summary>True when the model was made for no longer context: there is memory for more.</summary>
    public bool LimitedByModel { get; init; }
}
