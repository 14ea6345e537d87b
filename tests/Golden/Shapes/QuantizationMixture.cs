using GpuStack.Modeling.Gguf;

namespace GpuStack.Golden.Shapes;

/// <summary>
/// The types that llama.cpp's quantizer gives the tensors of a file type: a base type, better ones where they matter most, and a
/// fallback where a row is no multiple of a block. IQ2_XXS follows the mixed files of 671B models: only the experts are that small.
/// </summary>
internal sealed record QuantizationMixture(string FileType, int Blocks, bool TiedEmbeddings, bool SeventyBillion = false, int Experts = 0)
{
    /// <summary>With this many experts, attention is a small part of the model and keeps more bits.</summary>
    private const int FewExperts = 8;

    /// <summary>The number of the file type in <c>general.file_type</c>.</summary>
    public uint FileTypeNumber => FileType switch
    {
        "F16" => 1,
        "Q8_0" => 7,
        "Q4_K_M" => 15,
        "Q5_K_S" => 16,
        "Q6_K" => 18,
        "IQ2_XXS" => 19,
        "MXFP4" => 38,
        _ => throw new ArgumentException($"No mixture is known for the file type {FileType}."),
    };

    public GgmlType TypeOf(TensorRole role, int block, long rowElements) => Fitting(Preferred(role, block), rowElements);

    private GgmlType Preferred(TensorRole role, int block) => FileType switch
    {
        "F16" => GgmlType.F16,
        "Q8_0" => GgmlType.Q8_0,
        "Q6_K" => GgmlType.Q6_K,
        "Q5_K_S" => role == TensorRole.Output || (role == TensorRole.TokenEmbedding && TiedEmbeddings) ? GgmlType.Q6_K : GgmlType.Q5_K,
        "Q4_K_M" => role switch
        {
            TensorRole.Output => GgmlType.Q6_K,
            TensorRole.TokenEmbedding => TiedEmbeddings ? GgmlType.Q6_K : GgmlType.Q4_K,
            TensorRole.Key or TensorRole.Value when Experts == FewExperts => GgmlType.Q8_0,
            TensorRole.Value => MoreBits(block) ? GgmlType.Q6_K : SeventyBillion ? GgmlType.Q5_K : GgmlType.Q4_K,
            TensorRole.AttentionOutput when Experts == FewExperts => GgmlType.Q5_K,
            TensorRole.FusedAttention => GgmlType.Q5_K,
            TensorRole.FeedForwardDown or TensorRole.ExpertDown => MoreBits(block) ? GgmlType.Q6_K : GgmlType.Q4_K,
            _ => GgmlType.Q4_K,
        },
        "IQ2_XXS" => role switch
        {
            TensorRole.Output or TensorRole.AttentionOutput => GgmlType.Q5_K,
            TensorRole.ExpertUp => GgmlType.IQ2_XXS,
            TensorRole.ExpertDown => block < 6 ? GgmlType.IQ3_XXS : GgmlType.IQ2_XXS,
            _ => GgmlType.Q4_K,
        },
        "MXFP4" => role is TensorRole.ExpertUp or TensorRole.ExpertDown ? GgmlType.MXFP4 : GgmlType.Q8_0,
        _ => throw new ArgumentException($"No mixture is known for the file type {FileType}."),
    };

    /// <summary>The first and last eighth of the blocks, and every third between.</summary>
    private bool MoreBits(int block) => block < Blocks / 8 || block >= 7 * Blocks / 8 || (block - (Blocks / 8)) % 3 == 2;

    private static GgmlType Fitting(GgmlType type, long rowElements)
    {
        if (Fits(type, rowElements))
        {
            return type;
        }

        GgmlType fallback = type switch
        {
            GgmlType.Q4_K => GgmlType.Q5_0,
            GgmlType.Q5_K => GgmlType.Q5_1,
            GgmlType.Q6_K => GgmlType.Q8_0,
            _ => GgmlType.IQ4_NL,
        };
        return Fits(fallback, rowElements) ? fallback : GgmlType.F16;
    }

    private static bool Fits(GgmlType type, long rowElements) =>
        GgmlTypeLayout.TryGet(type, out GgmlTypeLayout layout) && rowElements % layout.BlockElements == 0;
}
