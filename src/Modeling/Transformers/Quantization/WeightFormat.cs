namespace GpuStack.Modeling.Transformers.Quantization;

/// <summary>How a quantized linear layer lies in a checkpoint.</summary>
internal enum WeightFormat
{
    Plain,

    /// <summary>qweight packed along the inputs, qzeros, scales and g_idx.</summary>
    Gptq,

    /// <summary>qweight packed along the outputs, qzeros and scales.</summary>
    Awq,

    /// <summary>One byte per weight, with scales per tensor, channel, group or block.</summary>
    Bytes,

    /// <summary>Compressed-tensors integers packed along the inputs.</summary>
    Packed,

    /// <summary>Two 4-bit floats per byte, an F8 scale per 16 of them, and a global scale.</summary>
    NvFp4,

    /// <summary>Two 4-bit floats per byte, an E8M0 scale per 32 of them.</summary>
    MxFp4,

    /// <summary>bitsandbytes' NF4 or FP4.</summary>
    BitsAndBytes4,

    /// <summary>bitsandbytes' LLM.int8.</summary>
    BitsAndBytes8,
}
