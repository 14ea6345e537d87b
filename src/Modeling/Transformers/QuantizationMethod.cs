namespace GpuStack.Modeling.Transformers;

/// <summary>How a checkpoint's weights are quantized, in the words of <c>quantization_config.quant_method</c>.</summary>
public enum QuantizationMethod
{
    None,
    Gptq,
    Awq,
    Fp8,
    CompressedTensors,
    BitsAndBytes,
    Mxfp4,
    ModelOpt,
    Other,
}
