namespace GpuStack.Modeling.Transformers.Quantization;

/// <summary>How the linear layers of one group are quantized.</summary>
internal sealed record WeightScheme
{
    public required WeightFormat Format { get; init; }

    public required int Bits { get; init; }

    /// <summary>Inputs that share a scale; 0 for one scale per output channel, −1 for one per tensor.</summary>
    public int GroupSize { get; init; }

    /// <summary>Rows and columns that share a scale; 0 without blocks.</summary>
    public (int Rows, int Columns) Block { get; init; }

    /// <summary>Whether there are zero points.</summary>
    public bool ZeroPoints { get; init; }

    /// <summary>Whether the checkpoint holds a scale of the activations.</summary>
    public bool ActivationScale { get; init; }

    /// <summary>Whether scales are themselves quantized (bitsandbytes).</summary>
    public bool DoubleQuantized { get; init; }

    /// <summary>The type of scales; null for the model's data type.</summary>
    public ElementType? ScaleType { get; init; }

    /// <summary>The element type of weights of one byte.</summary>
    public ElementType WeightType { get; init; } = ElementType.F8E4M3;

    /// <summary>The name of the scales.</summary>
    public string ScaleName { get; init; } = "weight_scale";
}
