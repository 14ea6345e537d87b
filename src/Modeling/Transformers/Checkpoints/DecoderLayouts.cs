using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The layouts of decoders with names like Llama's.</summary>
internal static class DecoderLayouts
{
    private static readonly DecoderLayout Llama = new();
    private static readonly DecoderLayout PostNorm = new() { Norms = ["post_attention_layernorm", "post_feedforward_layernorm"] };

    private static readonly DecoderLayout Gemma2 = new()
    {
        Norms = ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"],
    };

    /// <summary>The layout of a model type; null when it is not known here.</summary>
    public static DecoderLayout? Of(TextConfig config)
    {
        ConfigNode node = config.Node;
        bool attentionBias = node.Flag("attention_bias");
        return config.ModelType switch
        {
            "llama" or "yi" or "aquila" or "smollm3" or "granite" or "helium" or "xverse" or "ministral" or "ministral3" or "mistral" or "minicpm" or "internlm" or "solar" =>
                Llama with
                {
                    AttentionBias = node.Flag("attention_bias", node.Flag("bias")),
                    OutputBias = node.Flag("attention_bias", node.Flag("bias")),
                    FeedForwardBias = node.Flag("mlp_bias"),
                },
            "internlm3" => Llama with { AttentionBias = node.Flag("qkv_bias"), OutputBias = node.Flag("bias"), FeedForwardBias = node.Flag("bias") },
            "seed_oss" => Llama with { AttentionBias = attentionBias, OutputBias = node.Flag("attention_out_bias"), FeedForwardBias = node.Flag("mlp_bias") },
            "arcee" => Llama with { AttentionBias = attentionBias, OutputBias = attentionBias, FeedForwardBias = node.Flag("mlp_bias"), Gate = null },
            "qwen2" or "qwen2_vl" or "qwen2_vl_text" or "qwen2_5_vl" or "qwen2_5_vl_text" or "qwen2_5_omni_text" or "mimo" or "dream" => Llama with { AttentionBias = true },
            "qwen3" or "qwen3_text" or "qwen3_vl_text" =>
                Llama with { AttentionBias = attentionBias, OutputBias = attentionBias, QueryKeyNorm = QueryKeyNorm.Head },
            "gemma" => Llama,
            "gemma2" => Gemma2 with { AttentionBias = attentionBias, OutputBias = attentionBias },
            "gemma3" or "gemma3_text" => Gemma2 with { AttentionBias = attentionBias, OutputBias = attentionBias, QueryKeyNorm = QueryKeyNorm.Head },
            "phi" => new DecoderLayout
            {
                Norms = ["input_layernorm"],
                NormBias = true,
                Output = "dense",
                AttentionBias = true,
                OutputBias = true,
                Gate = null,
                Up = "fc1",
                Down = "fc2",
                FeedForwardBias = true,
                FinalNorm = "final_layernorm",
                HeadBias = true,
            },
            "phi3" or "phi4mm" => Llama with { FusedAttention = "qkv_proj", FusedGate = "gate_up_proj" },
            "cohere" or "cohere2" => Llama with
            {
                Norms = ["input_layernorm"],
                AttentionBias = attentionBias,
                OutputBias = attentionBias,
                QueryKeyNorm = node.Flag("use_qk_norm") ? QueryKeyNorm.Full : QueryKeyNorm.None,
            },
            "glm" => Llama with { AttentionBias = node.Flag("attention_bias", otherwise: true), FusedGate = "gate_up_proj" },
            "glm4" or "glm4v_text" => Llama with
            {
                AttentionBias = node.Flag("attention_bias", otherwise: true),
                FusedGate = "gate_up_proj",
                Norms = ["input_layernorm", "post_attention_layernorm", "post_self_attn_layernorm", "post_mlp_layernorm"],
            },
            "olmo" => Llama with { Norms = [], FinalNorm = "", AttentionBias = attentionBias, OutputBias = attentionBias },
            "olmo2" or "olmo3" => PostNorm with { QueryKeyNorm = QueryKeyNorm.Full, AttentionBias = attentionBias, OutputBias = attentionBias },
            "exaone4" => PostNorm with { QueryKeyNorm = QueryKeyNorm.Head },
            "hunyuan_v1_dense" => Llama with
            {
                QueryKeyNorm = node.Flag("use_qk_norm", otherwise: true) ? QueryKeyNorm.Head : QueryKeyNorm.None,
                QueryNorm = "query_layernorm",
                KeyNorm = "key_layernorm",
                AttentionBias = attentionBias,
                OutputBias = attentionBias,
            },
            "ernie4_5" => Llama with { AttentionBias = node.Flag("use_bias"), OutputBias = node.Flag("use_bias"), FeedForwardBias = node.Flag("use_bias") },
            "apertus" => Llama with
            {
                Norms = ["attention_layernorm", "feedforward_layernorm"],
                Gate = null,
                QueryKeyNorm = QueryKeyNorm.Head,
                AttentionBias = attentionBias,
                OutputBias = attentionBias,
            },
            "stablelm" => Llama with
            {
                NormBias = true,
                AttentionBias = node.Flag("use_qkv_bias"),
                Norms = node.Flag("use_parallel_residual") ? ["input_layernorm"] : ["input_layernorm", "post_attention_layernorm"],
            },
            "nemotron" => Llama with
            {
                NormBias = true,
                Gate = null,
                AttentionBias = attentionBias,
                OutputBias = attentionBias,
                FeedForwardBias = node.Flag("mlp_bias"),
            },
            "starcoder2" => Llama with
            {
                NormBias = true,
                AttentionBias = node.Flag("use_bias", otherwise: true),
                OutputBias = node.Flag("use_bias", otherwise: true),
                FeedForwardBias = node.Flag("use_bias", otherwise: true),
                Gate = null,
                Up = "c_fc",
                Down = "c_proj",
            },
            "baichuan" => Llama with { FusedAttention = "W_pack" },
            "orion" => Llama with { NormBias = true },
            _ => EarlyLayouts.Of(config),
        };
    }
}
