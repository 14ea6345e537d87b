namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>The sizes of a recurrent layer (Mamba 1 and 2, gated delta net, lightning attention, short convolution).</summary>
/// <param name="Kind">Which of these it is.</param>
/// <param name="Inner">Elements of the inner state; of a delta net, of its values.</param>
/// <param name="Heads">Heads; of a delta net, of its values.</param>
/// <param name="HeadLength">Elements of a head; of a delta net, of a value head.</param>
/// <param name="State">Elements of the state per channel; of a delta net, of a key head.</param>
/// <param name="Groups">Groups of state projections; of a delta net, its key heads.</param>
/// <param name="Kernel">Width of the convolution; 0 without one.</param>
/// <param name="StepRank">Rank of Mamba 1's time-step projection.</param>
/// <param name="StateType">The type that the configuration asks for the state.</param>
internal sealed record RecurrentLayer(
    RecurrentLayerKind Kind, int Inner, int Heads, int HeadLength, int State, int Groups, int Kernel, int StepRank, ElementType? StateType)
{
    private const long MaximumElements = 1L << 32;

    /// <summary>Channels that the convolution runs over.</summary>
    public long ConvolutionChannels => Kind switch
    {
        RecurrentLayerKind.Mamba2 or RecurrentLayerKind.DeltaNet => Inner + (2L * Groups * State),
        RecurrentLayerKind.Lightning => 0,
        _ => Inner,
    };

    public RecurrentShape Shape => new(
        Math.Max(0, Kernel - 1) * ConvolutionChannels,
        Kind switch
        {
            RecurrentLayerKind.Mamba => (long)Inner * State,
            RecurrentLayerKind.ShortConvolution => 0,
            _ => (long)Heads * HeadLength * State,
        },
        StateType);

    public static RecurrentLayer Of(TextConfig config)
    {
        RecurrentLayer layer = Read(config);
        return layer.Shape.StateElements <= MaximumElements && layer.Shape.ConvolutionElements <= MaximumElements
            ? layer
            : throw config.Node.Refuse("states a recurrent layer of more than 2^32 elements");
    }

    private static RecurrentLayer Read(TextConfig config)
    {
        ConfigNode node = config.Node;
        ElementType? type = ElementTypes.FromTorch(node.Text("mamba_ssm_dtype", "ssm_cache_dtype"));
        switch (config.ModelType)
        {
            case "mamba" or "falcon_mamba" or "jamba":
                int inner = node.Length(config.Hidden * Math.Clamp(node.Count(2, "mamba_expand", "expand"), 1, 64), "intermediate_size_mamba");
                if (config.ModelType is not "jamba")
                {
                    inner = node.Length(inner, "intermediate_size");
                }

                return new(
                    RecurrentLayerKind.Mamba, inner, 0, 0, node.Length(16, "mamba_d_state", "state_size"), 0, node.Count(4, "mamba_d_conv", "conv_kernel"),
                    node.Length((config.Hidden + 15) / 16, "mamba_dt_rank", "time_step_rank"), type);
            case "qwen3_next" or "qwen3_5_text" or "qwen3_5_moe_text":
                int valueHeads = node.Count(32, "linear_num_value_heads");
                int valueLength = node.Length(128, "linear_value_head_dim");
                return new(
                    RecurrentLayerKind.DeltaNet, Product(node, valueHeads, valueLength), valueHeads, valueLength, node.Length(128, "linear_key_head_dim"),
                    node.Count(16, "linear_num_key_heads"), node.Count(4, "linear_conv_kernel_dim"), 0, type);
            case "kimi_linear":
                ConfigNode delta = node.Object("linear_attn_config") ?? node;
                int heads = delta.Count(config.Heads, "num_heads");
                int length = delta.Length(128, "head_dim");
                return new(RecurrentLayerKind.DeltaNet, Product(node, heads, length), heads, length, length, heads, delta.Count(4, "short_conv_kernel_size"), 0, type);
            case "minimax_m1" or "minimax_text_01" or "minimax":
                return new(
                    RecurrentLayerKind.Lightning, Product(node, config.Heads, config.HeadLength), config.Heads, config.HeadLength, config.HeadLength, config.Heads, 0, 0,
                    type ?? ElementType.F32);
            case "lfm2" or "lfm2_moe":
                return new(RecurrentLayerKind.ShortConvolution, node.Length(config.Hidden, "conv_dim"), 0, 0, 0, 0, node.Count(3, "conv_L_cache"), 0, type);
            default:
                return Mamba2(config, type);
        }
    }

    private static RecurrentLayer Mamba2(TextConfig config, ElementType? type)
    {
        ConfigNode node = config.Node;
        int expanded = Product(node, config.Hidden, Math.Max(1, node.Count(2, "mamba_expand", "expand")));
        int heads = node.Count(0, "mamba_num_heads", "mamba_n_heads", "n_mamba_heads");
        int length = node.Length(64, "mamba_head_dim", "mamba_d_head", "mamba_headdim");
        if (config.ModelType is "mamba2")
        {
            heads = node.Count(expanded / 64, "num_heads");
            length = node.Length(64, "head_dim");
        }

        int inner = node.Length(heads > 0 ? Product(node, heads, length) : expanded, "mamba_d_ssm");
        if (heads == 0)
        {
            heads = inner / Math.Max(1, length);
        }

        return new(
            RecurrentLayerKind.Mamba2, inner, heads, heads > 0 ? inner / heads : 0, node.Length(128, "mamba_d_state", "ssm_state_size", "state_size"),
            node.Count(1, "mamba_n_groups", "n_groups", "mamba_ngroups"), node.Count(4, "mamba_d_conv", "conv_kernel"), 0, type);
    }

    private static int Product(ConfigNode node, int left, int right) => (long)left * right <= ConfigNode.MaximumLength
        ? left * right
        : throw node.Refuse($"states a recurrent layer of {left} × {right} elements, more than the {ConfigNode.MaximumLength} allowed");
}
