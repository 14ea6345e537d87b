namespace GpuStack.Golden.Shapes;

/// <summary>What the names of tensors tell of their types.</summary>
internal static class TensorNames
{
    private const string Weight = ".weight";

    /// <summary>Parts of names that llama.cpp's quantizer leaves as they are.</summary>
    private static readonly string[] NotQuantized =
    [
        "ffn_gate_inp.weight", "altup", "laurel", "per_layer_model_proj", "ssm_conv1d", "shortconv.conv", "position_embd", "token_types",
        "attn_rel_b", "indexer.proj", "time_mix_first", "time_mix_w", "time_mix_decay", "time_mix_lerp", "time_mix_a", "time_mix_v0", "time_mix_v1",
        "time_mix_v2", "time_mix_g",
    ];

    /// <summary>Whether a tensor stays F32: vectors, biases, norms, and what is small and matters.</summary>
    /// <param name="name">The name, of a block's tensor without the prefix <c>blk.N.</c></param>
    /// <param name="dimensions">How many dimensions it has.</param>
    public static bool StaysFloat(string name, int dimensions) =>
        dimensions < 2 || !name.EndsWith(Weight, StringComparison.Ordinal) || name.EndsWith("norm.weight", StringComparison.Ordinal)
        || NotQuantized.Any(part => name.Contains(part, StringComparison.Ordinal));

    /// <summary>The role of a matrix.</summary>
    public static TensorRole RoleOf(string name) => name[..^Weight.Length] switch
    {
        "token_embd" => TensorRole.TokenEmbedding,
        "output" => TensorRole.Output,
        "attn_q" => TensorRole.Query,
        "attn_k" => TensorRole.Key,
        "attn_v" => TensorRole.Value,
        "attn_qkv" => TensorRole.FusedAttention,
        "attn_output" => TensorRole.AttentionOutput,
        "ffn_gate" or "ffn_up" => TensorRole.FeedForwardUp,
        "ffn_down" => TensorRole.FeedForwardDown,
        "ffn_gate_exps" or "ffn_up_exps" => TensorRole.ExpertUp,
        "ffn_down_exps" => TensorRole.ExpertDown,
        _ => TensorRole.Other,
    };
}
