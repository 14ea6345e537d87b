using System.Globalization;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.LlamaCpp.Quantization;

/// <summary>
/// The type that llama-quantize gives each tensor of a file (without an importance matrix): a base type, more bits for the
/// tensors that suffer most (output, values, the feed-forward's way down in some layers), another type where a row is no
/// whole number of blocks. Values are counted as they come, other layers are read from names; ask in the file's order.
/// </summary>
internal sealed class TensorTyping
{
    /// <summary>Names of matrices that stay as they are, beyond norms and vectors.</summary>
    private static readonly string[] Untouched =
    [
        "_norm.weight", "ffn_gate_inp.weight", "altup", "laurel", "per_layer_model_proj", "position_embd.weight", "token_types.weight",
        "ssm_conv1d", "shortconv.conv.weight", "time_mix_", "attn_rel_b.weight",
    ];

    private readonly GgufFileType _type;
    private readonly GgmlType _base;
    private readonly bool _tied;
    private readonly bool _eightExperts;
    private readonly bool _manyExperts;
    private readonly bool _grouped;
    private readonly bool _seventyBillion;
    private readonly int _blocks;
    private readonly int _values;
    private int _value;
    private int _down;

    public TensorTyping(GgufHeader header, GgufFileType type)
    {
        _type = type;
        _base = BaseOf(type);
        string architecture = header.Metadata.Text("general.architecture") ?? "";
        long experts = header.Metadata.Integer($"{architecture}.expert_count") ?? 0;
        long heads = First(header, $"{architecture}.attention.head_count");
        long keyValueHeads = First(header, $"{architecture}.attention.head_count_kv");
        _blocks = (int)Math.Clamp(header.Metadata.Integer($"{architecture}.block_count") ?? 0, 0, int.MaxValue);
        _eightExperts = experts == 8;
        _manyExperts = experts > 1;
        _grouped = keyValueHeads > 0 && heads / keyValueHeads >= 4;
        _seventyBillion = _blocks == 80 && architecture is ("llama" or "qwen2") && heads != keyValueHeads;
        _tied = true;
        foreach (GgufTensor tensor in header.Tensors)
        {
            TensorRole role = RoleOf(tensor.Name);
            _tied &= role != TensorRole.Output;
            _values += role == TensorRole.AttentionValue ? 1 : 0;
        }
    }

    public GgmlType TypeOf(GgufTensor tensor)
    {
        if (!IsQuantized(tensor))
        {
            return tensor.Type;
        }

        TensorRole role = RoleOf(tensor.Name);
        long columns = tensor.Dimensions[0];
        return Fallback(role == TensorRole.Output || (_tied && role == TensorRole.Embedding) ? OutputType(columns) : TypeOf(role, tensor.Name), columns);
    }

    private static long First(GgufHeader header, string key) =>
        !header.Metadata.TryGet(key, out GgufValue? value) ? 0
        : value.Integer ?? (value.Elements.IsDefaultOrEmpty ? 0 : value.Elements[0].Integer ?? 0);

    private static bool IsQuantized(GgufTensor tensor)
    {
        int dimensions = tensor.Dimensions.Length;
        while (dimensions > 1 && tensor.Dimensions[dimensions - 1] == 1)
        {
            dimensions--;
        }

        return dimensions >= 2
            && tensor.Name.EndsWith("weight", StringComparison.Ordinal)
            && !Array.Exists(Untouched, part => tensor.Name.Contains(part, StringComparison.Ordinal));
    }

    private static TensorRole RoleOf(string name)
    {
        bool Has(string part) => name.Contains(part, StringComparison.Ordinal);
        return name switch
        {
            "output.weight" => TensorRole.Output,
            "token_embd.weight" or "per_layer_token_embd.weight" => TensorRole.Embedding,
            _ when Has("attn_qkv.weight") || Has("attn_kv_b.weight") || Has("attn_v.weight") => TensorRole.AttentionValue,
            _ when Has("attn_k.weight") => TensorRole.AttentionKey,
            _ when Has("attn_q.weight") => TensorRole.AttentionQuery,
            _ when Has("attn_output.weight") => TensorRole.AttentionOutput,
            _ when Has("ffn_down") => TensorRole.FeedForwardDown,
            _ => TensorRole.Other,
        };
    }

    private static GgmlType BaseOf(GgufFileType type) => type switch
    {
        GgufFileType.Q8_0 => GgmlType.Q8_0,
        GgufFileType.Q6_K => GgmlType.Q6_K,
        GgufFileType.Q5_K_M or GgufFileType.Q5_K_S => GgmlType.Q5_K,
        GgufFileType.Q4_K_M or GgufFileType.Q4_K_S => GgmlType.Q4_K,
        GgufFileType.IQ4_XS => GgmlType.IQ4_XS,
        GgufFileType.Q3_K_L or GgufFileType.Q3_K_M or GgufFileType.Q3_K_S => GgmlType.Q3_K,
        GgufFileType.IQ3_XXS => GgmlType.IQ3_XXS,
        GgufFileType.Q2_K => GgmlType.Q2_K,
        GgufFileType.IQ2_XXS => GgmlType.IQ2_XXS,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such file type."),
    };

    private static GgmlType Fallback(GgmlType type, long columns)
    {
        if (!GgmlTypeLayout.TryGet(type, out GgmlTypeLayout layout) || columns % layout.BlockElements == 0)
        {
            return type;
        }

        GgmlType other = type switch
        {
            GgmlType.Q2_K or GgmlType.Q3_K => GgmlType.Q4_0,
            GgmlType.Q4_K => GgmlType.Q5_0,
            GgmlType.Q5_K => GgmlType.Q5_1,
            GgmlType.Q6_K => GgmlType.Q8_0,
            _ => GgmlType.IQ4_NL,
        };
        return columns % 32 == 0 ? other : GgmlType.F16;
    }

    private static bool MoreBits(int layer, int layers) =>
        layer < layers / 8 || layer >= 7 * layers / 8 || (layer - (layers / 8)) % 3 == 2;

    private GgmlType OutputType(long columns)
    {
        if (_type == GgufFileType.Q8_0 || (GgmlTypeLayout.TryGet(_base, out GgmlTypeLayout layout) && columns % layout.BlockElements != 0))
        {
            return GgmlType.Q8_0;
        }

        return _type is GgufFileType.IQ2_XXS or GgufFileType.IQ3_XXS ? GgmlType.Q5_K : GgmlType.Q6_K;
    }

    private GgmlType TypeOf(TensorRole role, string name) => role switch
    {
        TensorRole.Embedding => _type switch
        {
            GgufFileType.IQ2_XXS => GgmlType.Q2_K,
            GgufFileType.IQ3_XXS => GgmlType.IQ3_S,
            _ => _base,
        },
        TensorRole.AttentionValue => ValueType(_value++),
        TensorRole.AttentionKey when _eightExperts => _type == GgufFileType.IQ2_XXS ? GgmlType.Q4_K : GgmlType.Q8_0,
        TensorRole.AttentionKey or TensorRole.AttentionQuery => _type == GgufFileType.IQ3_XXS ? GgmlType.IQ2_S : _base,
        TensorRole.AttentionOutput => AttentionOutputType(),
        TensorRole.FeedForwardDown => DownType(name, _down++),
        _ => _base,
    };

    private GgmlType ValueType(int index)
    {
        if (_type == GgufFileType.IQ2_XXS)
        {
            return _grouped || _manyExperts ? GgmlType.Q4_K : GgmlType.Q2_K;
        }

        GgmlType type = _type switch
        {
            GgufFileType.Q2_K => _grouped ? GgmlType.Q4_K : GgmlType.Q3_K,
            GgufFileType.IQ3_XXS => _grouped ? GgmlType.Q4_K : GgmlType.IQ3_S,
            GgufFileType.Q3_K_M => index < 2 ? GgmlType.Q5_K : GgmlType.Q4_K,
            GgufFileType.Q3_K_L => GgmlType.Q5_K,
            GgufFileType.IQ4_XS when _grouped => GgmlType.Q5_K,
            GgufFileType.Q4_K_M or GgufFileType.Q5_K_M when MoreBits(index, _values) => GgmlType.Q6_K,
            GgufFileType.Q4_K_S when index < 4 => GgmlType.Q5_K,
            _ => _base,
        };
        type = _seventyBillion && type is (GgmlType.Q3_K or GgmlType.Q4_K) ? GgmlType.Q5_K : type;
        return _eightExperts ? GgmlType.Q8_0 : type;
    }

    private GgmlType AttentionOutputType()
    {
        if (_eightExperts)
        {
            return _type is GgufFileType.Q8_0 or GgufFileType.Q6_K or GgufFileType.Q5_K_M or GgufFileType.Q5_K_S or GgufFileType.Q3_K_L ? _base : GgmlType.Q5_K;
        }

        return _type switch
        {
            GgufFileType.Q2_K => GgmlType.Q3_K,
            GgufFileType.IQ3_XXS => GgmlType.IQ3_S,
            GgufFileType.Q3_K_M => GgmlType.Q4_K,
            GgufFileType.Q3_K_L => GgmlType.Q5_K,
            _ => _base,
        };
    }

    private GgmlType DownType(string name, int index)
    {
        // Mixtures are read by name, and so is everything but the two-bit types, whose count includes every tensor of the kind.
        int layer = _type != GgufFileType.IQ2_XXS && _manyExperts ? LayerOf(name) : index;
        bool early = layer < _blocks / 8;
        return _type switch
        {
            GgufFileType.Q2_K => GgmlType.Q3_K,
            GgufFileType.IQ2_XXS => early ? GgmlType.Q2_K : _base,
            GgufFileType.IQ3_XXS => early ? GgmlType.Q4_K : GgmlType.Q3_K,
            GgufFileType.Q3_K_M => layer < _blocks / 16 ? GgmlType.Q5_K : GgmlType.Q4_K,
            GgufFileType.Q3_K_L => GgmlType.Q5_K,
            GgufFileType.Q4_K_M or GgufFileType.Q5_K_M when MoreBits(layer, _blocks) => GgmlType.Q6_K,
            GgufFileType.IQ4_XS or GgufFileType.Q4_K_S when early => GgmlType.Q5_K,
            _ => _base,
        };
    }

    private static int LayerOf(string name)
    {
        ReadOnlySpan<char> rest = name.StartsWith("blk.", StringComparison.Ordinal) ? name.AsSpan(4) : [];
        int dot = rest.IndexOf('.');
        return dot > 0 && int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : 0;
    }
}
