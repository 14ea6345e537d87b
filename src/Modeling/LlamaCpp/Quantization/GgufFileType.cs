namespace GpuStack.Modeling.LlamaCpp.Quantization;

/// <summary>The usual quantizations of a whole file, by the names that llama-quantize and file names use; the best first.</summary>
public enum GgufFileType
{
    Q8_0,
    Q6_K,
    Q5_K_M,
    Q5_K_S,
    Q4_K_M,
    Q4_K_S,
    IQ4_XS,
    Q3_K_L,
    Q3_K_M,
    Q3_K_S,
    IQ3_XXS,
    Q2_K,
    IQ2_XXS,
}
