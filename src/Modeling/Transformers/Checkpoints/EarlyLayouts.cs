using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The layouts of decoders with names of their own, most of them older than Llama.</summary>
internal static class EarlyLayouts
{
    /// <summary>The layout of a model type; null when it is not known here.</summary>
    public static DecoderLayout? Of(TextConfig config)
    {
        ConfigNode node = config.Node;
        return config.ModelType switch
        {
            "gpt2" or "gpt_bigcode" => new()
            {
                Prefix = "transformer.",
                Layers = "h",
                Embedding = "wte",
                Positions = "wpe",
                PositionRows = Positions(node),
                FinalNorm = "ln_f",
                NormBias = true,
                Norms = ["ln_1", "ln_2"],
                Attention = "attn",
                FusedAttention = "c_attn",
                Output = "c_proj",
                AttentionBias = true,
                OutputBias = true,
                Gate = null,
                Up = "c_fc",
                Down = "c_proj",
                FeedForwardBias = true,
            },
            "gpt_neo" => new()
            {
                Prefix = "transformer.",
                Layers = "h",
                Embedding = "wte",
                Positions = "wpe",
                PositionRows = Positions(node),
                FinalNorm = "ln_f",
                NormBias = true,
                Norms = ["ln_1", "ln_2"],
                Attention = "attn.attention",
                Output = "out_proj",
                OutputBias = true,
                Gate = null,
                Up = "c_fc",
                Down = "c_proj",
                FeedForwardBias = true,
            },
            "gptj" => new()
            {
                Prefix = "transformer.",
                Layers = "h",
                Embedding = "wte",
                FinalNorm = "ln_f",
                NormBias = true,
                HeadBias = true,
                Norms = ["ln_1"],
                Attention = "attn",
                Output = "out_proj",
                Gate = null,
                Up = "fc_in",
                Down = "fc_out",
                FeedForwardBias = true,
            },
            "gpt_neox" => new()
            {
                Prefix = "gpt_neox.",
                Embedding = "embed_in",
                FinalNorm = "final_layer_norm",
                Head = "embed_out",
                NormBias = true,
                Attention = "attention",
                FusedAttention = "query_key_value",
                Output = "dense",
                AttentionBias = node.Flag("attention_bias", otherwise: true),
                OutputBias = node.Flag("attention_bias", otherwise: true),
                Gate = null,
                Up = "dense_h_to_4h",
                Down = "dense_4h_to_h",
                FeedForwardBias = true,
            },
            "bloom" => new()
            {
                Prefix = "transformer.",
                Layers = "h",
                Embedding = "word_embeddings",
                EmbeddingNorm = "word_embeddings_layernorm",
                FinalNorm = "ln_f",
                NormBias = true,
                Attention = "self_attention",
                FusedAttention = "query_key_value",
                Output = "dense",
                AttentionBias = true,
                OutputBias = true,
                Gate = null,
                Up = "dense_h_to_4h",
                Down = "dense_4h_to_h",
                FeedForwardBias = true,
            },
            "falcon" or "RefinedWeb" or "RefinedWebModel" => Falcon(node),
            "opt" => new()
            {
                Prefix = "model.decoder.",
                Positions = "embed_positions",
                PositionRows = Positions(node) + 2,
                FinalNorm = "final_layer_norm",
                NormBias = true,
                Norms = ["self_attn_layer_norm", "final_layer_norm"],
                Output = "out_proj",
                AttentionBias = true,
                OutputBias = true,
                FeedForward = "",
                Gate = null,
                Up = "fc1",
                Down = "fc2",
                FeedForwardBias = true,
            },
            "mpt" => new()
            {
                Prefix = "transformer.",
                Layers = "blocks",
                Embedding = "wte",
                FinalNorm = "norm_f",
                Norms = ["norm_1", "norm_2"],
                NormBias = !node.Flag("no_bias"),
                Attention = "attn",
                FusedAttention = "Wqkv",
                Output = "out_proj",
                AttentionBias = !node.Flag("no_bias"),
                OutputBias = !node.Flag("no_bias"),
                FeedForward = "ffn",
                Gate = null,
                FeedForwardBias = !node.Flag("no_bias"),
            },
            "chatglm" => new()
            {
                Prefix = "transformer.",
                Layers = "encoder.layers",
                Embedding = "embedding.word_embeddings",
                FinalNorm = node.Flag("post_layer_norm", otherwise: true) ? "encoder.final_layernorm" : "",
                Head = "transformer.output_layer",
                Attention = "self_attention",
                FusedAttention = "query_key_value",
                Output = "dense",
                AttentionBias = node.Flag("add_bias_linear") || node.Flag("add_qkv_bias"),
                OutputBias = node.Flag("add_bias_linear"),
                FusedGate = "dense_h_to_4h",
                Down = "dense_4h_to_h",
                FeedForwardBias = node.Flag("add_bias_linear"),
            },
            "qwen" => new()
            {
                Prefix = "transformer.",
                Layers = "h",
                Embedding = "wte",
                FinalNorm = "ln_f",
                Norms = ["ln_1", "ln_2"],
                Attention = "attn",
                FusedAttention = "c_attn",
                Output = "c_proj",
                AttentionBias = true,
                Gate = "w2",
                Up = "w1",
                Down = "c_proj",
            },
            "internlm2" => new()
            {
                Embedding = "tok_embeddings",
                Head = "output",
                Norms = ["attention_norm", "ffn_norm"],
                Attention = "attention",
                FusedAttention = "wqkv",
                Output = "wo",
                AttentionBias = node.Flag("bias"),
                OutputBias = node.Flag("bias"),
                FeedForward = "feed_forward",
                Gate = "w1",
                Up = "w3",
                Down = "w2",
            },
            "exaone" => new()
            {
                Prefix = "transformer.",
                Layers = "h",
                Embedding = "wte",
                FinalNorm = "ln_f",
                Norms = ["ln_1", "ln_2"],
                Attention = "attn.attention",
                Output = "out_proj",
                Gate = "c_fc_0",
                Up = "c_fc_1",
                Down = "c_proj",
            },
            _ => null,
        };
    }

    private static DecoderLayout Falcon(ConfigNode node)
    {
        bool bias = node.Flag("bias");
        bool newer = node.Flag("new_decoder_architecture");
        return new DecoderLayout
        {
            Prefix = "transformer.",
            Layers = "h",
            Embedding = "word_embeddings",
            FinalNorm = "ln_f",
            NormBias = true,
            Norms = newer && node.Count(2, "num_ln_in_parallel_attn") == 2 ? ["ln_attn", "ln_mlp"]
                : newer || node.Flag("parallel_attn", otherwise: true) ? ["input_layernorm"]
                : ["input_layernorm", "post_attention_layernorm"],
            Attention = "self_attention",
            FusedAttention = "query_key_value",
            Output = "dense",
            AttentionBias = bias,
            OutputBias = bias,
            Gate = null,
            Up = "dense_h_to_4h",
            Down = "dense_4h_to_h",
            FeedForwardBias = bias,
        };
    }

    private static int Positions(ConfigNode node) => node.Length(1024, "n_positions", "max_position_embeddings");
}
