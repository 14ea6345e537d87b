namespace GpuStack.Modeling.Transformers.Weights;

/// <summary>What the elements of a tensor are.</summary>
internal enum TensorContent
{
    /// <summary>Parameters: each element is one, or several packed into it.</summary>
    Parameters,

    /// <summary>Parameters that engines keep in 32 bits whatever the model's type.</summary>
    WideParameters,

    /// <summary>Packed parameters of the quantization's bits in 32-bit words.</summary>
    Packed,

    /// <summary>Two parameters of 4 bits in one byte.</summary>
    Nibbles,

    /// <summary>Scales, zero points and other companions of quantized weights: bytes, but no parameters.</summary>
    Companion,
}
