using System.Collections.Immutable;

namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>What the layers of a model remember, from its configuration.</summary>
internal sealed record LayerFacts
{
    public required ImmutableArray<TransformerLayer> Layers { get; init; }

    public Tokens Window { get; init; }

    public LatentShape? Latent { get; init; }

    public RecurrentShape? Recurrent { get; init; }

    public static LayerFacts Of(TextConfig config, Tokens context)
    {
        ImmutableArray<TransformerLayerKind> kinds = LayerKinds.Of(config);
        LatentShape? latent = Latency(config);
        long window = LayerKinds.Window(config);
        bool windowed = window > 0 && window < context.Value;
        ImmutableArray<TransformerLayer>.Builder layers = ImmutableArray.CreateBuilder<TransformerLayer>(config.Layers);
        ImmutableArray<int> heads = KeyValueHeads(config);
        for (int i = 0; i < config.Layers; i++)
        {
            TransformerLayerKind kind = kinds[i] == TransformerLayerKind.SlidingWindow && !windowed ? TransformerLayerKind.Full : kinds[i];
            layers.Add(kind switch
            {
                TransformerLayerKind.None or TransformerLayerKind.Recurrent => new(kind, 0, 0, 0),
                _ when latent is not null => new(kind, 1, latent.Rank + latent.RotaryLength, 0),
                _ => Attention(config, kind, kinds[i], heads[i]),
            });
        }

        bool recurrent = kinds.Any(kind => kind is TransformerLayerKind.Recurrent or TransformerLayerKind.FullAndRecurrent);
        bool sliding = layers.Any(layer => layer.Kind == TransformerLayerKind.SlidingWindow);
        return new LayerFacts
        {
            Layers = layers.MoveToImmutable(),
            Window = new Tokens(sliding ? window : 0),
            Latent = latent,
            Recurrent = recurrent ? RecurrentLayer.Of(config).Shape : null,
        };
    }

    private static TransformerLayer Attention(TextConfig config, TransformerLayerKind kind, TransformerLayerKind stated, int heads)
    {
        ConfigNode node = config.Node;
        bool full = stated != TransformerLayerKind.SlidingWindow;
        switch (config.ModelType)
        {
            case "minicpm3":
                // Its engines keep whole heads, the values padded to the keys' length.
                int length = node.Length(64, "qk_nope_head_dim") + node.Length(32, "qk_rope_head_dim");
                return new(kind, config.Heads, length, length);
            case "gemma4" or "gemma4_text" or "gemma4_unified_text" when full:
                int global = node.Length(config.HeadLength, "global_head_dim");
                return new(kind, node.Count(heads, "num_global_key_value_heads"), global, global);
            case "mimo_v2_flash" or "mimo_v2" when !full:
                return new(kind, node.Count(heads, "swa_num_key_value_heads"), node.Length(config.HeadLength, "swa_head_dim"), node.Length(config.ValueLength, "swa_v_head_dim"));
            default:
                return new(kind, heads, config.HeadLength, config.ValueLength);
        }
    }

    private static LatentShape? Latency(TextConfig config)
    {
        ConfigNode node = config.Node;
        bool latent = config.ModelType is "axk1" or "deepseek_v2" or "deepseek_v3" or "deepseek_v32" or "glm_moe_dsa" or "glm4_moe_lite" or "kimi_k2" or "kimi_k25"
            or "kimi_linear" or "longcat_flash" or "pangu_ultra_moe" or "bailing_hybrid" or "mistral_latent";
        if (!latent || !node.Has("kv_lora_rank"))
        {
            return null;
        }

        return new LatentShape(
            node.Length(0, "kv_lora_rank"),
            node.Length(0, "qk_rope_head_dim"),
            node.Length(0, "index_head_dim"),
            node.Length(0, "qk_nope_head_dim"),
            node.Length(0, "v_head_dim"));
    }

    private static ImmutableArray<int> KeyValueHeads(TextConfig config)
    {
        if (config.ModelType is "nemotron-nas" or "deci" || config.Node.Has("block_configs"))
        {
            return [.. BlockConfig.Of(config).Select(block => block.KeyValueHeads)];
        }

        return config.PerLayer("num_key_value_heads", config.KeyValueHeads);
    }
}
