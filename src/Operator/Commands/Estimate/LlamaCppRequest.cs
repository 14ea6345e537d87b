using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.LlamaCpp.Parts;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>What <c>estimate</c> was asked of llama.cpp, once the parts of the call agree with each other.</summary>
internal sealed record LlamaCppRequest
{
    /// <summary>The default context is never longer, as in the API.</summary>
    public const long DefaultContext = 8192;

    private const int MostDevices = 1024;

    public required LlamaCppOptions Options { get; init; }

    public required DraftOptions DraftOptions { get; init; }

    /// <summary>Devices in all.</summary>
    public required int Devices { get; init; }

    public required int RpcDevices { get; init; }

    /// <summary>Layers on devices that were asked for; null: all.</summary>
    public int? GpuLayers { get; init; }

    /// <summary>The tensor split that was given; null: none was.</summary>
    public float[]? Shares { get; init; }

    /// <summary>Memory of each device; empty when it was not given.</summary>
    public required ImmutableArray<Bytes> Memory { get; init; }

    /// <summary>Memory of each device that is left free.</summary>
    public required Bytes Reserve { get; init; }

    /// <summary>Memory of each device that the server may use.</summary>
    public ImmutableArray<Bytes> Usable => [.. Memory.Select(memory => Bytes.Max(Bytes.Zero, memory - Reserve))];

    /// <summary>The shares that llama.cpp gets: those given, else equal ones.</summary>
    public float[] SharesOrEqual => Shares ?? [.. Enumerable.Repeat(1f, Devices)];

    /// <summary>Reads the request for a model.</summary>
    /// <exception cref="InputException">The options contradict each other or the model.</exception>
    public static LlamaCppRequest Of(ParseResult call, EstimateOptions options, LlamaCppModel model)
    {
        int rpcDevices = call.GetValue(options.RpcDevices);
        float[]? shares = call.GetValue(options.TensorSplit) is { } split ? Parse(split) : null;
        ImmutableArray<GpuMemory> memory = call.GetValue(options.GpuMemory) is { } given ? GpuMemory.Parse(given) : [];
        int devices = Count(call.GetValue(options.Devices), shares, memory.Length, rpcDevices);
        return new LlamaCppRequest
        {
            Options = CacheOptions(call, options, model),
            DraftOptions = Draft(call, options),
            Devices = devices,
            RpcDevices = rpcDevices,
            GpuLayers = call.GetValue(options.GpuLayers),
            Shares = shares,
            Memory = memory.Length == 1
                ? [.. Enumerable.Repeat(memory[0].Memory, devices)]
                : [.. memory.Select(one => one.Memory)],
            Reserve = GpuMemory.Amount("--reserve", call.GetValue(options.Reserve)!),
        };
    }

    private static LlamaCppOptions CacheOptions(ParseResult call, EstimateOptions options, LlamaCppModel model)
    {
        long own = model.ContextLength.Value;
        long context = call.GetValue(options.Context) ?? (own > 0 ? Math.Min(own, DefaultContext) : DefaultContext);
        int parallel = call.GetValue(options.Parallel);
        if (context > int.MaxValue || (context + 255) / 256 * 256 * parallel > 1L << 31)
        {
            throw new InputException($"--context {context} for {parallel} requests is more than llama.cpp can hold (2^31 tokens); give less.");
        }

        var cache = new LlamaCppOptions
        {
            ContextLength = new Tokens(context),
            ParallelRequests = parallel,
            UnifiedKvCache = call.GetValue(options.KvUnified),
            KeyType = CacheType(call.GetValue(options.KeyType)!),
            ValueType = CacheType(call.GetValue(options.ValueType)!),
            FlashAttention = call.GetValue(options.FlashAttention) == "on",
            MicroBatch = call.GetValue(options.MicroBatch),
            FullSlidingWindow = call.GetValue(options.FullSlidingWindow),
        };
        RefuseQuantizedValues("--kv-type-v", cache.ValueType, cache.FlashAttention);
        return cache;
    }

    private static DraftOptions Draft(ParseResult call, EstimateOptions options)
    {
        if (call.GetValue(options.Draft) is null)
        {
            foreach (Option option in (Option[])[options.DraftGpuLayers, options.DraftKeyType, options.DraftValueType])
            {
                if (call.GetResult(option) is { Implicit: false })
                {
                    throw new InputException($"{option.Name} is about a draft model; name one with --draft.");
                }
            }
        }

        var draft = new DraftOptions
        {
            KeyType = CacheType(call.GetValue(options.DraftKeyType)!),
            ValueType = CacheType(call.GetValue(options.DraftValueType)!),
            GpuLayers = call.GetValue(options.DraftGpuLayers),
        };
        RefuseQuantizedValues("--draft-kv-type-v", draft.ValueType, call.GetValue(options.FlashAttention) == "on");
        return draft;
    }

    private static void RefuseQuantizedValues(string option, KvCacheType type, bool flashAttention)
    {
        if (type is not (KvCacheType.F16 or KvCacheType.BF16 or KvCacheType.F32) && !flashAttention)
        {
            throw new InputException($"{option}: llama.cpp quantizes the value cache only with flash attention; use --flash-attention on.");
        }
    }

    private static KvCacheType CacheType(string name) =>
        KvCacheTypes.TryParse(name, out KvCacheType type) ? type : throw new InputException($"'{name}' is no cache type.");

    private static int Count(int? devices, float[]? shares, int memories, int rpcDevices)
    {
        int count = devices ?? shares?.Length ?? (memories > 1 ? memories : Math.Max(1, rpcDevices));
        if (count > MostDevices)
        {
            throw new InputException($"--devices {count} is more than the {MostDevices} that can be estimated.");
        }

        if (shares is not null && shares.Length != count)
        {
            throw new InputException($"--tensor-split names {shares.Length} devices, but --devices is {count}; give one share for each device, RPC devices first.");
        }

        if (count == 0 && memories > 0)
        {
            throw new InputException("--gpu-memory is about devices, but --devices is 0; leave one of them out.");
        }

        if (memories > 1 && memories != count)
        {
            throw new InputException($"--gpu-memory names {memories} devices, but there are {count}; give one size for all devices, or one for each, RPC devices first.");
        }

        return rpcDevices <= count
            ? count
            : throw new InputException($"--rpc-devices {rpcDevices} is more than the {count} devices in all; --devices counts RPC devices too.");
    }

    private static float[] Parse(string tensorSplit)
    {
        string[] parts = tensorSplit.Split(',');
        var shares = new float[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!float.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out shares[i]) || !float.IsFinite(shares[i]) || shares[i] < 0)
            {
                throw new InputException($"--tensor-split: '{parts[i]}' is no share; give numbers like 3,1.");
            }
        }

        return shares.Sum() switch
        {
            0 => throw new InputException("--tensor-split: all shares are 0; give at least one device a share."),
            // llama.cpp adds the shares up in single precision too.
            float.PositiveInfinity => throw new InputException("--tensor-split: the shares add up to more than llama.cpp can hold; give smaller ones, like 3,1."),
            _ => shares,
        };
    }
}
