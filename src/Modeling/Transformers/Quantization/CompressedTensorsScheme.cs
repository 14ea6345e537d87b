using System.Collections.Immutable;
using GpuStack.Modeling.Transformers.Configuration;

namespace GpuStack.Modeling.Transformers.Quantization;

/// <summary>Reads compressed-tensors configurations: groups of modules, each with the arguments of its weights and activations.</summary>
internal static class CompressedTensorsScheme
{
    public static QuantizationScheme Read(ConfigNode node)
    {
        string format = node.Text("format") ?? "";
        ImmutableArray<(ModulePatterns?, WeightScheme)>.Builder groups = ImmutableArray.CreateBuilder<(ModulePatterns?, WeightScheme)>();
        foreach ((_, ConfigNode group) in node.Object("config_groups")?.Objects() ?? [])
        {
            if (group.Object("weights") is not { } weights)
            {
                continue;
            }

            ImmutableArray<string> targets = group.Texts("targets");
            bool all = targets.IsEmpty || targets.Contains("Linear");
            groups.Add((all ? null : new ModulePatterns(targets), Weights(weights, group.Object("input_activations"), group.Text("format") ?? format)));
        }

        // Groups that name modules come before those that take all linear layers.
        ImmutableArray<(ModulePatterns?, WeightScheme)> ordered = [.. groups.OrderBy(group => group.Item1 is null ? 1 : 0)];
        return new()
        {
            Method = QuantizationMethod.CompressedTensors,
            Groups = ordered,
            Ignored = new ModulePatterns(node.Texts("ignore")),
            KvCacheType = node.Object("kv_cache_scheme") is { } cache ? CacheType(cache) : null,
            Unknown = ordered.IsEmpty,
        };
    }

    public static ElementType? CacheType(ConfigNode scheme) => scheme.Integer(16, 1, 16, "num_bits") switch
    {
        8 => scheme.Text("type") is "int" ? ElementType.I8 : ElementType.F8E4M3,
        4 => ElementType.F4,
        _ => null,
    };

    private static WeightScheme Weights(ConfigNode weights, ConfigNode? activations, string format)
    {
        int bits = (int)weights.Integer(8, 1, 16, "num_bits");
        bool integer = weights.Text("type") is not "float";
        string strategy = weights.Text("strategy") ?? (weights.Has("group_size") ? "group" : "tensor");
        ImmutableArray<int> block = weights.Integers("block_structure") ?? [];
        bool blocks = strategy is "block" && block.Length == 2;
        bool packed = format is "pack-quantized" or "pack_quantized" || (format is "mixed-precision" or "" && integer && bits < 8);
        bool nvfp4 = format.StartsWith("nvfp4", StringComparison.Ordinal) || (!integer && bits == 4 && !format.StartsWith("mxfp4", StringComparison.Ordinal));
        return new WeightScheme
        {
            Format = nvfp4 ? WeightFormat.NvFp4 : packed ? WeightFormat.Packed : !integer && bits == 4 ? WeightFormat.MxFp4 : WeightFormat.Bytes,
            Bits = bits,
            GroupSize = strategy switch
            {
                "group" or "tensor_group" => (int)Math.Max(0, weights.Integer(nvfp4 ? 16 : 128, -1, ConfigNode.MaximumLength, "group_size")),
                "tensor" => -1,
                _ => 0,
            },
            Block = blocks ? (block[0], block[1]) : default,
            ZeroPoints = !weights.Flag("symmetric", otherwise: true),
            ActivationScale = activations is not null && !activations.Flag("dynamic", otherwise: true),
            WeightType = integer ? ElementType.I8 : ElementType.F8E4M3,
            ScaleName = nvfp4 ? "weight_global_scale" : "weight_scale",
        };
    }
}
