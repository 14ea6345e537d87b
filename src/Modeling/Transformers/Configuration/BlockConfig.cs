using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>One layer of a model found by neural architecture search (<c>block_configs</c>), each of its own shape.</summary>
/// <param name="KeyValueHeads">Key and value heads; 0 without attention.</param>
/// <param name="LinearAttention">Whether one matrix takes the attention's place.</param>
/// <param name="Intermediate">Feed-forward length; 0 without one.</param>
/// <param name="LinearFeedForward">Whether one matrix takes the feed-forward network's place.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BlockConfig(int KeyValueHeads, bool LinearAttention, int Intermediate, bool LinearFeedForward)
{
    public static ImmutableArray<BlockConfig> Of(TextConfig config)
    {
        ImmutableArray<BlockConfig> blocks = [.. config.Node.Array("block_configs").Select(block => Read(config, block))];
        return blocks.Length >= config.Layers
            ? blocks[..config.Layers]
            : throw config.Node.Refuse($"block_configs has {blocks.Length} entries for {config.Layers} layers");
    }

    private static BlockConfig Read(TextConfig config, ConfigNode block)
    {
        ConfigNode? attention = block.Object("attention");
        ConfigNode? feedForward = block.Object("ffn");
        bool noAttention = attention is null || attention.Flag("no_op");
        bool linearAttention = attention?.Flag("replace_with_linear") ?? false;
        int inGroup = Math.Max(1, attention?.Count(1, "n_heads_in_group") ?? 1);
        int heads = attention?.Count(config.Heads / inGroup, "num_key_value_heads") ?? 0;
        bool noFeedForward = feedForward is null || feedForward.Flag("no_op");
        return new BlockConfig(
            noAttention || linearAttention ? 0 : heads,
            linearAttention,
            noFeedForward ? 0 : Length(config, feedForward!),
            feedForward?.Flag("replace_with_linear") ?? false);
    }

    /// <summary>A multiple of the hidden size, two thirds of it (the gate is a third matrix), rounded up to 256.</summary>
    private static int Length(TextConfig config, ConfigNode feedForward)
    {
        int stated = feedForward.Length(0, "intermediate_size");
        if (stated > 0)
        {
            return stated;
        }

        double multiple = feedForward.Number(4, "ffn_mult");
        if (multiple is < 0 or > 64)
        {
            throw config.Node.Refuse("ffn_mult is outside of 0 to 64");
        }

        return ((int)(2 * multiple * config.Hidden / 3) + 255) / 256 * 256;
    }
}
