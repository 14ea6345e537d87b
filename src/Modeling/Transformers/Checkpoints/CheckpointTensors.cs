using System.Collections.Immutable;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>
/// The tensors of a model, computed from its configuration: what its safetensors files would list. Exact for the families that
/// are described here; for any other model the largest that its configuration can mean.
/// </summary>
internal static class CheckpointTensors
{
    /// <summary>Writes all tensors; false when the architecture is not known, and what was written is an upper bound.</summary>
    public static bool Write(CheckpointBuilder builder)
    {
        TextConfig config = builder.Config;
        bool known = Text(builder);
        return TowerTensors.Write(builder) && known && !builder.Quantization.Unknown && config.ModelType.Length > 0;
    }

    private static bool Text(CheckpointBuilder builder)
    {
        TextConfig config = builder.Config;
        switch (config.ModelType)
        {
            case "deepseek_v2" or "deepseek_v3" or "deepseek_v32" or "kimi_k2" or "kimi_k25" or "glm4_moe_lite" or "glm_moe_dsa" or "mistral_latent" or "minicpm3":
                Latent(builder);
                return true;
            case "gemma3n_text":
                Gemma3nTensors.Write(builder);
                return true;
            case "nemotron-nas" or "deci":
                Searched(builder);
                return true;
        }

        if (HybridTensors.Write(builder))
        {
            return true;
        }

        if ((MixtureLayouts.Of(config) ?? DecoderLayouts.Of(config)) is { } layout)
        {
            WriteShared(builder, layout);
            return true;
        }

        new DecoderTensors(builder, UpperBound(config)).Model();
        if (config is { Tied: true, TiedStated: false })
        {
            builder.Plain("lm_head", config.Vocabulary, config.Hidden);
        }

        return false;
    }

    private static void WriteShared(CheckpointBuilder builder, DecoderLayout layout)
    {
        TextConfig config = builder.Config;
        var tensors = new DecoderTensors(builder, layout);
        int shared = config.ModelType is "granitemoeshared" ? config.Node.Length(0, "shared_intermediate_size") : 0;
        tensors.Model((index, layer) =>
        {
            tensors.Layer(index, layer);
            builder.Linear(layer + "shared_mlp.input_linear", 2L * shared, config.Hidden);
            builder.Linear(layer + "shared_mlp.output_linear", config.Hidden, shared);
        });
    }

    private static void Latent(CheckpointBuilder builder)
    {
        TextConfig config = builder.Config;
        MixtureLayout? mixture = config.Experts == 0 ? null : MixtureLayouts.Deep(config, new() { Length = config.ExpertIntermediate, Count = config.Experts }) with
        {
            Correction = config.ModelType is "deepseek_v2" && config.Node.Text("topk_method") is not "noaux_tc" ? null : "gate.e_score_correction_bias",
        };
        var tensors = new DecoderTensors(builder, new() { Mixture = mixture });
        tensors.Model((index, layer) =>
        {
            tensors.Norms(layer);
            LatentAttentionTensors.Write(builder, layer);
            tensors.FeedForward(index, layer);
        });
    }

    /// <summary>Models found by search: each layer of its own shape; a norm is there only with what it precedes.</summary>
    private static void Searched(CheckpointBuilder builder)
    {
        TextConfig config = builder.Config;
        ImmutableArray<BlockConfig> blocks = BlockConfig.Of(config);
        bool bias = config.Node.Flag("attention_bias");
        var tensors = new DecoderTensors(builder, new() { AttentionBias = bias, OutputBias = bias, FeedForwardBias = config.Node.Flag("mlp_bias") });
        tensors.Model((index, layer) =>
        {
            BlockConfig block = blocks[index];
            if (block.LinearAttention)
            {
                builder.Norm(layer + "input_layernorm", config.Hidden);
                builder.Linear(layer + "self_attn.linear_attn", config.Hidden, config.Hidden);
            }
            else if (block.KeyValueHeads > 0)
            {
                builder.Norm(layer + "input_layernorm", config.Hidden);
                tensors.Attention(layer, block.KeyValueHeads, config.HeadLength, config.ValueLength);
            }

            if (block.LinearFeedForward)
            {
                builder.Norm(layer + "post_attention_layernorm", config.Hidden);
                builder.Linear(layer + "mlp.linear_mlp", config.Hidden, config.Hidden);
            }
            else if (block.Intermediate > 0)
            {
                builder.Norm(layer + "post_attention_layernorm", config.Hidden);
                tensors.Dense(layer + "mlp.", block.Intermediate);
            }
        });
    }

    /// <summary>All that decoders are known to have, in every layer.</summary>
    private static DecoderLayout UpperBound(TextConfig config) => new()
    {
        Norms = ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"],
        NormBias = true,
        AttentionBias = true,
        OutputBias = true,
        FeedForwardBias = true,
        QueryKeyNorm = QueryKeyNorm.Full,
        Mixture = config.Experts == 0 ? null : MixtureLayouts.Deep(config, new() { Length = config.ExpertIntermediate, Count = config.Experts }),
    };
}
