using System.Collections.Immutable;

namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>The kind of each layer: from a list that the configuration has, or from its family's rule.</summary>
internal static class LayerKinds
{
    private const TransformerLayerKind Full = TransformerLayerKind.Full;
    private const TransformerLayerKind Sliding = TransformerLayerKind.SlidingWindow;
    private const TransformerLayerKind Recurrent = TransformerLayerKind.Recurrent;
    private const TransformerLayerKind Nothing = TransformerLayerKind.None;

    /// <summary>The window, or chunk, of sliding layers in tokens; 0 where the model uses none.</summary>
    public static long Window(TextConfig config)
    {
        ConfigNode node = config.Node;
        if (config.ModelType is "llama4_text")
        {
            return node.Integer(8192, 0, int.MaxValue, "attention_chunk_size");
        }

        return node.Flag("use_sliding_window", otherwise: true)
            ? node.Integer(config.ModelType is "gemma2" or "gemma3_text" or "gemma3" ? 4096 : 0, 0, int.MaxValue, "sliding_window", "sliding_window_size", "attention_window_size")
            : 0;
    }

    public static ImmutableArray<TransformerLayerKind> Of(TextConfig config)
    {
        ImmutableArray<TransformerLayerKind> kinds = Listed(config) ?? [.. Enumerable.Range(0, config.Layers).Select(layer => ByRule(config, layer))];
        int shared = config.Node.Count(0, "num_kv_shared_layers");
        return shared == 0 ? kinds : [.. kinds.Select((kind, layer) => layer >= config.Layers - shared ? Nothing : kind)];
    }

    private static ImmutableArray<TransformerLayerKind>? Listed(TextConfig config)
    {
        ConfigNode node = config.Node;
        if (config.ModelType is "nemotron-nas" or "deci")
        {
            return [.. BlockConfig.Of(config).Select(block => block.KeyValueHeads > 0 ? Full : Nothing)];
        }

        if (node.Text("hybrid_override_pattern") is { } pattern)
        {
            return pattern.Length < config.Layers ? null : [.. pattern.Take(config.Layers).Select(OfLetter)];
        }

        if (config.ModelType is "falcon_h1")
        {
            return [.. Enumerable.Repeat(TransformerLayerKind.FullAndRecurrent, config.Layers)];
        }

        if (node.Integers("attn_type_list") is { } types && types.Length >= config.Layers)
        {
            return [.. types.Take(config.Layers).Select(type => type == 0 ? Recurrent : Full)];
        }

        if (node.Integers("hybrid_layer_pattern") is { } windows && windows.Length >= config.Layers)
        {
            return [.. windows.Take(config.Layers).Select(type => type == 1 ? Sliding : Full)];
        }

        ImmutableArray<string> names = node.Texts("layer_types", "layers_block_type", "block_types", "_block_types");
        if (names.IsEmpty || (names.Length < config.Layers && config.ModelType is not "recurrent_gemma"))
        {
            return null;
        }

        return [.. Enumerable.Range(0, config.Layers).Select(layer => OfName(names[layer % names.Length]))];
    }

    private static TransformerLayerKind OfName(string name) => name switch
    {
        "sliding_attention" or "chunked_attention" or "local_attention" or "sliding_window" => Sliding,
        "linear_attention" or "mamba" or "mamba2" or "recurrent" or "conv" or "short_conv" or "lightning_attention" => Recurrent,
        "mlp" or "moe" => Nothing,
        "hybrid" or "parallel_hybrid" => TransformerLayerKind.FullAndRecurrent,
        _ => Full,
    };

    /// <summary>Nemotron H: M is Mamba, * attention, - a feed-forward network, E a mixture.</summary>
    private static TransformerLayerKind OfLetter(char letter) => letter switch
    {
        'M' => Recurrent,
        '*' => Full,
        _ => Nothing,
    };

    private static TransformerLayerKind ByRule(TextConfig config, int layer)
    {
        ConfigNode node = config.Node;
        switch (config.ModelType)
        {
            case "mamba" or "mamba2" or "falcon_mamba":
                return Recurrent;
            case "jamba":
                int period = Math.Max(1, node.Count(8, "attn_layer_period"));
                return layer % period == node.Count(4, "attn_layer_offset") ? Full : Recurrent;
            case "bamba":
                return (node.Integers("attn_layer_indices") ?? []).Contains(layer) ? Full : Recurrent;
            case "lfm2" or "lfm2_moe":
                return (node.Integers("full_attn_idxs") ?? []).Contains(layer) ? Full : Recurrent;
            case "kimi_linear":
                return (node.Object("linear_attn_config")?.Integers("full_attn_layers") ?? []).Contains(layer + 1) ? Full : Recurrent;
            case "qwen3_next" or "qwen3_5_text" or "qwen3_5_moe_text":
                return (layer + 1) % Math.Max(1, node.Count(4, "full_attention_interval")) == 0 ? Full : Recurrent;
            case "qwen2" or "qwen2_moe" or "qwen3" or "qwen3_moe":
                return node.Flag("use_sliding_window") && layer >= node.Count(config.Layers, "max_window_layers") ? Sliding : Full;
            case "gemma2" or "gpt_oss":
                return layer % 2 == 0 ? Sliding : Full;
            case "gemma3" or "gemma3_text":
                return Patterned(node, layer, 6);
            case "gemma3n_text":
                return Patterned(node, layer, 5);
            case "cohere2":
                return Patterned(node, layer, 4);
            case "exaone4":
                return Window(config) == 0 ? Full : Patterned(node, layer, 4);
            case "llama4_text":
                return node.Integers("no_rope_layers") is { Length: > 0 } rope && layer < rope.Length
                    ? rope[layer] == 0 ? Full : Sliding
                    : (layer + 1) % 4 == 0 ? Full : Sliding;
            default:
                return Window(config) > 0 ? Sliding : Full;
        }
    }

    /// <summary>The last layer of each period is full; the period may be a number, or a text such as LLLG.</summary>
    private static TransformerLayerKind Patterned(ConfigNode node, int layer, int otherwise)
    {
        if (node.Text("sliding_window_pattern") is { Length: > 0 } text)
        {
            return text[layer % text.Length] == 'G' ? Full : Sliding;
        }

        int period = Math.Max(1, node.Count(otherwise, "sliding_window_pattern", "_sliding_window_pattern"));
        return (layer + 1) % period == 0 ? Full : Sliding;
    }
}
