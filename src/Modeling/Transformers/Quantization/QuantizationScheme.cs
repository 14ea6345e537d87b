using System.Collections.Immutable;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Quantization;

/// <summary>
/// What a checkpoint's <c>quantization_config</c> says: which linear layers are quantized, and how. Embeddings, the output head,
/// norms and routers are not, unless the configuration says so.
/// </summary>
internal sealed record QuantizationScheme
{
    private static readonly ModulePatterns Nothing = new([]);

    public static QuantizationScheme None { get; } = new() { Method = QuantizationMethod.None };

    public required QuantizationMethod Method { get; init; }

    /// <summary>Bits of a quantized weight, of the first group where there are several.</summary>
    public int Bits => Groups.IsEmpty ? 0 : Groups[0].Scheme.Bits;

    /// <summary>Groups of modules; the first that has a module decides. Null patterns: all linear layers.</summary>
    public ImmutableArray<(ModulePatterns? Modules, WeightScheme Scheme)> Groups { get; init; } = [];

    public ModulePatterns Ignored { get; init; } = Nothing;

    public ElementType? KvCacheType { get; init; }

    /// <summary>Whether the output head is quantized as well.</summary>
    public bool OutputHead { get; init; }

    /// <summary>True for a method whose files are not known: weights are counted as if they were not quantized.</summary>
    public bool Unknown { get; init; }

    /// <summary>The way a linear layer is stored; null when it is not quantized.</summary>
    public WeightScheme? Of(string module)
    {
        if (Groups.IsEmpty || Ignored.Match(module))
        {
            return null;
        }

        foreach ((ModulePatterns? modules, WeightScheme scheme) in Groups)
        {
            if (modules is null || modules.Match(module))
            {
                return scheme;
            }
        }

        return null;
    }

    /// <summary>Reads the quantization of a configuration.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="separate">The content of <c>hf_quant_config.json</c>, which older ModelOpt checkpoints have; null without it.</param>
    public static QuantizationScheme Read(TextConfig config, ConfigNode? separate)
    {
        ConfigNode? node = config.Root.Object("quantization_config", "compression_config") ?? config.Node.Object("quantization_config", "compression_config") ?? separate;
        if (node is null)
        {
            return None;
        }

        ConfigNode inner = node.Object("quantization") ?? node;
        string method = (node.Text("quant_method") ?? "").Replace('_', '-').ToLowerInvariant();
        string algorithm = (inner.Text("quant_algo") ?? "").ToUpperInvariant();
        if (method.Length == 0 && algorithm.Length == 0 && node.Has("config_groups"))
        {
            method = "compressed-tensors";
        }

        return method switch
        {
            "gptq" or "gptq-marlin" or "auto-round" or "autoround" or "intel/auto-round" => Gptq(node),
            "awq" or "awq-marlin" => Awq(node),
            "fp8" or "fbgemm-fp8" => Fp8(node),
            "compressed-tensors" => CompressedTensorsScheme.Read(node),
            "bitsandbytes" => BitsAndBytes(node),
            "mxfp4" => MxFp4(node),
            _ when method.StartsWith("modelopt", StringComparison.Ordinal) || algorithm.Length > 0 => ModelOpt(inner, algorithm.Length > 0 ? algorithm : method),
            "" => None,
            _ => new() { Method = QuantizationMethod.Other, Unknown = true },
        };
    }

    private static QuantizationScheme Gptq(ConfigNode node) => new()
    {
        Method = QuantizationMethod.Gptq,
        Groups = [(null, new WeightScheme
        {
            Format = (node.Text("packing_format") ?? "").Contains("awq", StringComparison.Ordinal) ? WeightFormat.Awq : WeightFormat.Gptq,
            Bits = BitWidth(node, 4, "bits"),
            GroupSize = Group(node, 128, "group_size"),
            ZeroPoints = true,
            ScaleType = ElementType.F16,
        })],
        Ignored = new ModulePatterns([.. node.Texts("modules_to_not_convert", "modules_in_block_to_not_quantize"), .. Excluded(node)]),
        OutputHead = node.Flag("lm_head"),
    };

    /// <summary>GPTQModel's <c>dynamic</c> rules: those that begin with <c>-:</c> name modules that are left alone.</summary>
    private static IEnumerable<string> Excluded(ConfigNode node) =>
        node.Object("dynamic")?.Objects().Where(rule => rule.Name.StartsWith("-:", StringComparison.Ordinal)).Select(rule => $"re:{rule.Name[2..]}") ?? [];

    private static QuantizationScheme Awq(ConfigNode node) => new()
    {
        Method = QuantizationMethod.Awq,
        Groups = [(null, new WeightScheme
        {
            Format = WeightFormat.Awq,
            Bits = BitWidth(node, 4, "bits", "w_bit"),
            GroupSize = Group(node, 128, "group_size", "q_group_size"),
            ZeroPoints = true,
            ScaleType = ElementType.F16,
        })],
        Ignored = new ModulePatterns(node.Texts("modules_to_not_convert")),
    };

    private static QuantizationScheme Fp8(ConfigNode node)
    {
        ImmutableArray<int> block = node.Integers("weight_block_size") ?? [];
        bool perChannel = node.Text("quant_method") is "fbgemm_fp8";
        return new()
        {
            Method = QuantizationMethod.Fp8,
            Groups = [(null, new WeightScheme
            {
                Format = WeightFormat.Bytes,
                Bits = 8,
                GroupSize = perChannel ? 0 : -1,
                Block = block.Length == 2 ? (block[0], block[1]) : default,
                ActivationScale = node.Text("activation_scheme") is "static",
                ScaleType = ElementType.F32,
                ScaleName = block.Length == 2 ? "weight_scale_inv" : "weight_scale",
            })],
            Ignored = new ModulePatterns([.. node.Texts("ignored_layers"), .. node.Texts("modules_to_not_convert")]),
            KvCacheType = ElementTypes.FromTorch(node.Text("kv_cache_quant_method", "kv_cache_scheme")),
        };
    }

    private static QuantizationScheme BitsAndBytes(ConfigNode node)
    {
        bool eight = node.Flag("load_in_8bit");
        return new()
        {
            Method = QuantizationMethod.BitsAndBytes,
            Groups = [(null, new WeightScheme
            {
                Format = eight ? WeightFormat.BitsAndBytes8 : WeightFormat.BitsAndBytes4,
                Bits = eight ? 8 : 4,
                GroupSize = 64,
                DoubleQuantized = node.Flag("bnb_4bit_use_double_quant"),
            })],
            Ignored = new ModulePatterns(node.Texts("llm_int8_skip_modules")),
        };
    }

    private static QuantizationScheme MxFp4(ConfigNode node) => new()
    {
        Method = QuantizationMethod.Mxfp4,
        Groups = [(new ModulePatterns(["experts"]), new WeightScheme { Format = WeightFormat.MxFp4, Bits = 4, GroupSize = 32 })],
        Ignored = new ModulePatterns(node.Texts("modules_to_not_convert")),
    };

    private static QuantizationScheme ModelOpt(ConfigNode node, string algorithm)
    {
        bool four = algorithm.Contains("FP4", StringComparison.OrdinalIgnoreCase);
        bool known = four || algorithm.Contains("FP8", StringComparison.OrdinalIgnoreCase) || algorithm.Equals("modelopt", StringComparison.OrdinalIgnoreCase);
        return new()
        {
            Method = QuantizationMethod.ModelOpt,
            Groups = known
                ? [(null, four
                    ? new WeightScheme { Format = WeightFormat.NvFp4, Bits = 4, GroupSize = Group(node, 16, "group_size"), ActivationScale = true, ScaleName = "weight_scale_2" }
                    : new WeightScheme
                    {
                        Format = WeightFormat.Bytes,
                        Bits = 8,
                        GroupSize = algorithm.Contains("PER_CHANNEL", StringComparison.OrdinalIgnoreCase) ? 0 : -1,
                        ActivationScale = true,
                        ScaleType = ElementType.F32,
                    })]
                : [],
            Ignored = new ModulePatterns([.. node.Texts("exclude_modules"), .. node.Texts("ignore")]),
            KvCacheType = node.Text("kv_cache_quant_algo")?.ToUpperInvariant() switch
            {
                "FP8" => ElementType.F8E4M3,
                "NVFP4" => ElementType.F4,
                _ => node.Object("kv_cache_scheme") is { } scheme ? CompressedTensorsScheme.CacheType(scheme) : null,
            },
            Unknown = !known,
        };
    }

    private static int BitWidth(ConfigNode node, int otherwise, params ReadOnlySpan<string> names) => (int)node.Integer(otherwise, 1, 16, names);

    /// <summary>A group size; −1, one group per channel, becomes 0.</summary>
    private static int Group(ConfigNode node, int otherwise, params ReadOnlySpan<string> names) =>
        (int)Math.Max(0, node.Integer(otherwise, -1, ConfigNode.MaximumLength, names));
}
