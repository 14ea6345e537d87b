namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>Feed-forward lengths and experts, by the names of the different families.</summary>
internal static class FeedForward
{
    /// <summary>The length of a dense layer's feed-forward network; four times the hidden size where a family leaves it out.</summary>
    public static int Length(ConfigNode node, string modelType, int hidden, int otherwise)
    {
        switch (modelType)
        {
            case "llama4_text":
                return node.Length(otherwise * 2, "intermediate_size_mlp");
            case "mpt":
                return checked((int)(node.Number(4, "expansion_ratio") * hidden));
            case "qwen":
                return node.Length(otherwise, "intermediate_size") / 2;
            case "lfm2":
                return ShortConvolutionLength(node, hidden);
            default:
                return node.Length(
                    otherwise > 0 ? otherwise : 4 * hidden,
                    "intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim", "d_ff", "hidden_dim", "dense_intermediate_size", "inner_hidden_size");
        }
    }

    public static int Experts(ConfigNode node) => node.Count(
        node.Object("ffn_config")?.Count(0, "moe_num_experts") ?? node.Object("moe")?.Count(0, "num_experts") ?? 0,
        "num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts", "num_moe_experts");

    public static int ExpertsPerToken(ConfigNode node) => node.Count(
        node.Object("ffn_config")?.Count(0, "moe_top_k") ?? node.Object("moe")?.Count(0, "num_experts_per_tok") ?? 0,
        "num_experts_per_tok", "num_experts_per_token", "experts_per_token", "moe_topk", "moe_top_k", "moe_k", "top_k_experts", "num_selected_experts");

    /// <summary>LFM2 states the length before it is made two thirds and rounded.</summary>
    private static int ShortConvolutionLength(ConfigNode node, int hidden)
    {
        int length = node.Length(node.Length(4 * hidden, "intermediate_size"), "block_ff_dim");
        if (!node.Flag("block_auto_adjust_ff_dim", otherwise: true))
        {
            return length;
        }

        length = 2 * length / 3;
        double multiplier = node.Number(1, "block_ffn_dim_multiplier");
        if (multiplier is < 0 or > 16)
        {
            throw node.Refuse("block_ffn_dim_multiplier is outside of 0 to 16");
        }

        int multiple = Math.Max(1, node.Length(256, "block_multiple_of"));
        return checked((((int)(length * multiplier) + multiple - 1) / multiple) * multiple);
    }
}
