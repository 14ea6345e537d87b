using System.Runtime.InteropServices;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Serving;

/// <summary>How the engine changes the checkpoint's weights while it loads them.</summary>
/// <param name="Quantization">The quantization of linear layers; leaves a checkpoint alone that is quantized already.</param>
/// <param name="DataType">The data type asked for (<c>--dtype</c>); null keeps the checkpoint's.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WeightLoading(LoadQuantization Quantization, ElementType? DataType)
{
    /// <summary>Bytes of a linear weight on the GPU.</summary>
    public double Linear(TransformerModel model, double bytes, double elements) => (Quantization, model.Quantization) switch
    {
        (LoadQuantization.Fp8, QuantizationMethod.None) => elements,

        // 4 bits, and one float32 for each 64 weights: vLLM undoes bitsandbytes' second quantization of the scales at load.
        (LoadQuantization.BitsAndBytes, QuantizationMethod.None) => elements * (0.5 + (4.0 / 64)),
        _ => Other(model, bytes),
    };

    /// <summary>Bytes of any other weight: embeddings, norms, routers.</summary>
    public double Other(TransformerModel model, double bytes) =>
        DataType is { } type && model.Quantization == QuantizationMethod.None ? bytes * type.Bits() / model.DataType.Bits() : bytes;
}
