namespace GpuStack.Modeling.Serving;

/// <summary>What an engine does to weights that are not quantized, while it loads them (<c>--quantization</c>).</summary>
public enum LoadQuantization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Linear layers in 8 bits.</summary>
    Fp8,

    /// <summary>Linear layers in 4 bits (NF4), with a float32 scale for each 64 weights.</summary>
    BitsAndBytes,
}
