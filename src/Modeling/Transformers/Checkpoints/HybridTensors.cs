using System.Collections.Immutable;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>Models whose layers differ in kind: attention in some, a recurrence in others, or both.</summary>
internal static class HybridTensors
{
    /// <summary>Writes a model of these families; false when it is none of them.</summary>
    public static bool Write(CheckpointBuilder builder)
    {
        TextConfig config = builder.Config;
        ImmutableArray<TransformerLayerKind> kinds = LayerKinds.Of(config);
        var mixture = new MixtureLayout { Length = config.ExpertIntermediate, Count = config.Experts };
        switch (config.ModelType)
        {
            case "mamba" or "falcon_mamba" or "mamba2":
                var pure = new DecoderTensors(builder, new() { Prefix = "backbone.", Embedding = "embeddings", FinalNorm = "norm_f", Norms = ["norm"] });
                pure.Model((_, layer) =>
                {
                    pure.Norms(layer);
                    RecurrentTensors.Write(builder, layer + "mixer.");
                });
                return true;
            case "nemotron_h":
                NemotronH(builder, mixture);
                return true;
            case "jamba":
                Jamba(builder, kinds, mixture);
                return true;
            case "bamba":
                Alternate(builder, kinds, new() { FinalNorm = "final_layernorm", Norms = ["input_layernorm", "pre_ff_layernorm"], FeedForward = "feed_forward" }, "mamba.");
                return true;
            case "falcon_h1":
                FalconH1(builder);
                return true;
            case "granitemoehybrid":
                GraniteHybrid(builder, kinds, mixture);
                return true;
            case "qwen3_next" or "qwen3_5_text" or "qwen3_5_moe_text":
                Alternate(builder, kinds, QwenNext(config, mixture), "linear_attn.");
                return true;
            case "minimax_m1" or "minimax_text_01" or "minimax":
                MixtureLayout mixtral = mixture with { Module = "block_sparse_moe", Gate = "w1", Up = "w3", Down = "w2" };
                Alternate(builder, kinds, new() { Mixture = mixtral }, "self_attn.");
                return true;
            case "lfm2" or "lfm2_moe":
                Alternate(builder, kinds, Lfm2(config, mixture), "conv.");
                return true;
            default:
                return false;
        }
    }

    /// <summary>Each layer has norms, a recurrence or attention, and a feed-forward network.</summary>
    private static void Alternate(CheckpointBuilder builder, ImmutableArray<TransformerLayerKind> kinds, DecoderLayout layout, string mixer)
    {
        TextConfig config = builder.Config;
        var tensors = new DecoderTensors(builder, layout);
        tensors.Model((index, layer) =>
        {
            tensors.Norms(layer);
            Mixer(builder, tensors, kinds[index], layer, mixer);
            tensors.FeedForward(index, layer);
        });
    }

    private static void Mixer(CheckpointBuilder builder, DecoderTensors tensors, TransformerLayerKind kind, string layer, string mixer)
    {
        TextConfig config = builder.Config;
        if (kind == TransformerLayerKind.Recurrent)
        {
            RecurrentTensors.Write(builder, layer + mixer, innerNorms: config.ModelType is "jamba");
        }
        else
        {
            tensors.Attention(layer, config.KeyValueHeads, config.HeadLength, config.ValueLength);
        }
    }

    private static DecoderLayout QwenNext(TextConfig config, MixtureLayout mixture)
    {
        bool dense = config.Experts == 0;
        return new()
        {
            QueryKeyNorm = QueryKeyNorm.Head,
            QueryFactor = 2,
            AttentionBias = config.Node.Flag("attention_bias"),
            OutputBias = config.Node.Flag("attention_bias"),
            Mixture = dense ? null : mixture with
            {
                IsMixture = MixtureLayouts.Sparse(config),
                Stacked = config.ModelType is "qwen3_5_moe_text" ? StackedExperts.Straight : StackedExperts.No,
                Shared = "shared_expert",
                SharedLength = config.Node.Length(512, "shared_expert_intermediate_size"),
                SharedGate = "shared_expert_gate",
            },
        };
    }

    private static DecoderLayout Lfm2(TextConfig config, MixtureLayout mixture)
    {
        int dense = config.Node.Count(0, "num_dense_layers");
        return new()
        {
            FinalNorm = "embedding_norm",
            Norms = ["operator_norm", "ffn_norm"],
            Output = "out_proj",
            FeedForward = "feed_forward",
            Gate = "w1",
            Up = "w3",
            Down = "w2",
            QueryKeyNorm = QueryKeyNorm.Head,
            QueryNorm = "q_layernorm",
            KeyNorm = "k_layernorm",
            Mixture = config.Experts == 0 ? null : mixture with
            {
                IsMixture = layer => layer >= dense,
                Module = "feed_forward",
                Gate = "w1",
                Up = "w3",
                Down = "w2",
                Correction = config.Node.Flag("use_expert_bias", otherwise: true) ? "expert_bias" : null,
            },
        };
    }

    private static void Jamba(CheckpointBuilder builder, ImmutableArray<TransformerLayerKind> kinds, MixtureLayout mixture)
    {
        ConfigNode node = builder.Config.Node;
        int period = Math.Max(1, node.Count(2, "expert_layer_period"));
        int offset = node.Count(1, "expert_layer_offset");
        Alternate(
            builder,
            kinds,
            new()
            {
                FinalNorm = "final_layernorm",
                Norms = ["input_layernorm", "pre_ff_layernorm"],
                FeedForward = "feed_forward",
                Mixture = mixture with { IsMixture = layer => mixture.Count > 1 && layer % period == offset, Module = "feed_forward", Router = "router" },
            },
            "mamba.");
    }

    private static void GraniteHybrid(CheckpointBuilder builder, ImmutableArray<TransformerLayerKind> kinds, MixtureLayout mixture)
    {
        TextConfig config = builder.Config;
        var layout = new DecoderLayout
        {
            AttentionBias = config.Node.Flag("attention_bias"),
            OutputBias = config.Node.Flag("attention_bias"),
            Mixture = mixture with { Module = "block_sparse_moe", Router = "router.layer", Stacked = StackedExperts.Granite },
        };
        int shared = config.Node.Length(0, "shared_intermediate_size");
        var tensors = new DecoderTensors(builder, layout);
        tensors.Model((index, layer) =>
        {
            tensors.Norms(layer);
            Mixer(builder, tensors, kinds[index], layer, "mamba.");
            if (mixture.Count > 0)
            {
                tensors.FeedForward(index, layer);
            }

            builder.Linear(layer + "shared_mlp.input_linear", 2L * shared, config.Hidden);
            builder.Linear(layer + "shared_mlp.output_linear", config.Hidden, shared);
        });
    }

    private static void FalconH1(CheckpointBuilder builder)
    {
        TextConfig config = builder.Config;
        ConfigNode node = config.Node;
        bool bias = node.Flag("attention_bias");
        var tensors = new DecoderTensors(builder, new()
        {
            FinalNorm = "final_layernorm",
            Norms = ["input_layernorm", "pre_ff_layernorm"],
            FeedForward = "feed_forward",
            AttentionBias = bias,
            OutputBias = bias,
            FeedForwardBias = node.Flag("mlp_bias"),
        });
        tensors.Model((index, layer) =>
        {
            tensors.Norms(layer);
            RecurrentTensors.Write(builder, layer + "mamba.", gatedNorm: node.Flag("mamba_rms_norm"));
            tensors.Attention(layer, config.KeyValueHeads, config.HeadLength, config.ValueLength);
            tensors.FeedForward(index, layer);
        });
    }

    private static void NemotronH(CheckpointBuilder builder, MixtureLayout mixture)
    {
        TextConfig config = builder.Config;
        ConfigNode node = config.Node;
        bool bias = node.Flag("attention_bias");
        var tensors = new DecoderTensors(builder, new()
        {
            Prefix = "backbone.",
            Embedding = "embeddings",
            FinalNorm = "norm_f",
            Norms = ["norm"],
            Attention = "mixer",
            FeedForward = "mixer",
            Gate = null,
            AttentionBias = bias,
            OutputBias = bias,
            FeedForwardBias = node.Flag("mlp_bias"),
        });
        MixtureLayout experts = mixture with
        {
            Gate = null,
            Correction = "gate.e_score_correction_bias",
            Shared = "shared_experts",
            SharedLength = node.Length(0, "moe_shared_expert_intermediate_size") * Math.Min(8, node.Count(1, "n_shared_experts")),
        };
        string pattern = node.Text("hybrid_override_pattern") ?? "";
        tensors.Model((index, layer) =>
        {
            tensors.Norms(layer);
            switch (index < pattern.Length ? pattern[index] : 'M')
            {
                case '*':
                    tensors.Attention(layer, config.KeyValueHeads, config.HeadLength, config.ValueLength);
                    break;
                case '-':
                    tensors.Dense(layer + "mixer.", config.Intermediate);
                    break;
                case 'E':
                    tensors.Mixture(layer + "mixer.", experts);
                    break;
                default:
                    RecurrentTensors.Write(builder, layer + "mixer.");
                    break;
            }
        });
    }
}
