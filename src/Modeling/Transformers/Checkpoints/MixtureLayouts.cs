using System.Collections.Immutable;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The layouts of mixtures of experts whose attention is an ordinary one.</summary>
internal static class MixtureLayouts
{
    private const string Correction = "gate.e_score_correction_bias";
    private const string BlockSparse = "block_sparse_moe";

    /// <summary>The layout of a model type; null when it is not known here.</summary>
    public static DecoderLayout? Of(TextConfig config)
    {
        ConfigNode node = config.Node;
        bool attentionBias = node.Flag("attention_bias");
        var mixture = new MixtureLayout { Length = config.ExpertIntermediate, Count = config.Experts };
        MixtureLayout mixtral = mixture with { Module = BlockSparse, Gate = "w1", Up = "w3", Down = "w2" };
        switch (config.ModelType)
        {
            case "mixtral":
                return new() { Mixture = mixtral };
            case "phimoe":
                return new()
                {
                    NormBias = true,
                    AttentionBias = attentionBias,
                    OutputBias = attentionBias,
                    HeadBias = node.Flag("lm_head_bias"),
                    Mixture = mixtral,
                };
            case "minimax_m2":
                return new()
                {
                    QueryKeyNorm = node.Flag("use_qk_norm", otherwise: true) ? QueryKeyNorm.Full : QueryKeyNorm.None,
                    Mixture = mixtral with { Correction = node.Flag("use_routing_bias", otherwise: true) ? "e_score_correction_bias" : null },
                };
            case "qwen2_moe":
                return new()
                {
                    AttentionBias = node.Flag("qkv_bias", otherwise: true),
                    Mixture = mixture with
                    {
                        IsMixture = Sparse(config),
                        Shared = "shared_expert",
                        SharedLength = node.Length(5632, "shared_expert_intermediate_size"),
                        SharedGate = "shared_expert_gate",
                    },
                };
            case "qwen3_moe" or "qwen3_vl_moe_text" or "qwen3_omni_moe_text":
                return new()
                {
                    AttentionBias = attentionBias,
                    OutputBias = attentionBias,
                    QueryKeyNorm = QueryKeyNorm.Head,
                    Mixture = mixture with { IsMixture = Sparse(config), Stacked = config.ModelType is "qwen3_vl_moe_text" ? StackedExperts.Transposed : StackedExperts.No },
                };
            case "olmoe":
                return new() { QueryKeyNorm = QueryKeyNorm.Full, Mixture = mixture };
            case "glm4_moe" or "glm4v_moe_text":
                return new()
                {
                    AttentionBias = attentionBias,
                    QueryKeyNorm = node.Flag("use_qk_norm") ? QueryKeyNorm.Head : QueryKeyNorm.None,
                    Mixture = Deep(config, mixture) with { Correction = Correction },
                };
            case "dots1":
                return new()
                {
                    AttentionBias = attentionBias,
                    OutputBias = attentionBias,
                    QueryKeyNorm = QueryKeyNorm.Head,
                    Mixture = Deep(config, mixture) with { Correction = Correction },
                };
            case "deepseek":
                return new() { AttentionBias = attentionBias, OutputBias = attentionBias, Mixture = Deep(config, mixture) };
            case "ernie4_5_moe" or "ernie4_5_moe_vl_text":
                return Ernie(config, mixture);
            case "hunyuan_v1_moe" or "hunyuan":
                return Hunyuan(config, mixture);
            case "granitemoe" or "granitemoeshared":
                return new()
                {
                    AttentionBias = attentionBias,
                    OutputBias = attentionBias,
                    Mixture = mixture with { Module = BlockSparse, Router = "router.layer", Stacked = StackedExperts.Granite },
                };
            case "gpt_oss":
                return new()
                {
                    AttentionBias = true,
                    OutputBias = true,
                    Sinks = true,
                    Mixture = mixture with { Router = "router", RouterBias = true, Stacked = StackedExperts.Transposed, Bias = true },
                };
            case "llama4_text":
                return Llama4(config, mixture);
            case "bailing_moe" or "bailing_moe_v2":
                return new()
                {
                    Embedding = "word_embeddings",
                    Attention = "attention",
                    FusedAttention = "query_key_value",
                    Output = "dense",
                    AttentionBias = node.Flag("use_qkv_bias"),
                    OutputBias = node.Flag("use_bias"),
                    QueryKeyNorm = node.Flag("use_qk_norm") ? QueryKeyNorm.Head : QueryKeyNorm.None,
                    QueryNorm = "query_layernorm",
                    KeyNorm = "key_layernorm",
                    Mixture = Deep(config, mixture) with
                    {
                        Correction = node.Flag("moe_router_enable_expert_bias") ? "gate.expert_bias" : null,
                        SharedLength = Shared(config, node.Count(0, "num_shared_experts")),
                    },
                };
            default:
                return null;
        }
    }

    /// <summary>DeepSeek's rule: dense layers first, then mixtures, with shared experts.</summary>
    public static MixtureLayout Deep(TextConfig config, MixtureLayout mixture)
    {
        int dense = config.Node.Count(0, "first_k_dense_replace");
        int frequency = Math.Max(1, config.Node.Count(1, "moe_layer_freq"));
        return mixture with
        {
            IsMixture = layer => layer >= dense && layer % frequency == 0,
            Shared = "shared_experts",
            SharedLength = Shared(config, config.Node.Count(0, "n_shared_experts")),
        };
    }

    /// <summary>Qwen's rule: every so many layers, but for those listed as dense.</summary>
    public static Func<int, bool> Sparse(TextConfig config)
    {
        int step = Math.Max(1, config.Node.Count(1, "decoder_sparse_step"));
        ImmutableArray<int> dense = config.Node.Integers("mlp_only_layers") ?? [];
        return layer => !dense.Contains(layer) && config.Experts > 0 && (layer + 1) % step == 0;
    }

    private static int Shared(TextConfig config, int count)
    {
        long length = (long)count * config.ExpertIntermediate;
        return length <= ConfigNode.MaximumLength ? (int)length : throw config.Node.Refuse($"states shared experts of {length} elements");
    }

    private static DecoderLayout Ernie(TextConfig config, MixtureLayout mixture)
    {
        ConfigNode node = config.Node;
        int first = node.Count(0, "moe_layer_start_index");
        int last = (int)node.Integer(config.Layers - 1, -1, ConfigNode.MaximumLayers, "moe_layer_end_index");
        last = last < 0 ? config.Layers - 1 : last;
        int interval = Math.Max(1, node.Count(1, "moe_layer_interval"));
        bool bias = node.Flag("use_bias");
        return new()
        {
            AttentionBias = bias,
            OutputBias = bias,
            FeedForwardBias = bias,
            Mixture = mixture with
            {
                IsMixture = layer => layer >= first && layer <= last && (layer + 1) % interval == 0,
                Correction = node.Flag("moe_use_aux_free", otherwise: true) ? "moe_statics.e_score_correction_bias" : null,
                Bias = bias,
                Shared = "shared_experts",
                SharedLength = Shared(config, node.Count(0, "moe_num_shared_experts")),
            },
        };
    }

    private static DecoderLayout Hunyuan(TextConfig config, MixtureLayout mixture)
    {
        ConfigNode node = config.Node;
        bool mixed = node.Flag("use_mixed_mlp_moe", otherwise: true);
        long shared = mixed ? (long)node.Count(1, "num_shared_expert") * config.Intermediate : 0;
        return new()
        {
            AttentionBias = node.Flag("attention_bias"),
            OutputBias = node.Flag("attention_bias"),
            QueryKeyNorm = node.Flag("use_qk_norm") ? QueryKeyNorm.Head : QueryKeyNorm.None,
            QueryNorm = "query_layernorm",
            KeyNorm = "key_layernorm",
            Mixture = mixture with { Router = "gate.wg", Shared = "shared_mlp", SharedLength = (int)Math.Min(shared, ConfigNode.MaximumLength) },
        };
    }

    private static DecoderLayout Llama4(TextConfig config, MixtureLayout mixture)
    {
        int length = config.ExpertIntermediate;
        int step = Math.Max(1, config.Node.Count(1, "interleave_moe_layer_step"));
        ImmutableArray<int>? listed = config.Node.Integers("moe_layers");
        return new()
        {
            FeedForward = "feed_forward",
            AttentionBias = config.Node.Flag("attention_bias"),
            OutputBias = config.Node.Flag("attention_bias"),
            Mixture = mixture with
            {
                IsMixture = layer => listed is { Length: > 0 } list ? list.Contains(layer) : (layer + 1) % step == 0,
                Module = "feed_forward",
                Router = "router",
                Length = length,
                Stacked = StackedExperts.Transposed,
                Shared = "shared_expert",
                SharedLength = length,
            },
        };
    }
}
