using System.CommandLine;
using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Operator.Commands.Estimate;

/// <summary>What <c>estimate</c> was asked for, once the parts of the call agree with each other.</summary>
internal sealed record EstimateRequest
{
    /// <summary>The default context is never longer, as in the API.</summary>
    private const long DefaultContext = 8192;

    private const int MostDevices = 1024;

    public required LlamaCppOptions Options { get; init; }

    public required DeviceSplit Split { get; init; }

    /// <summary>Reads the request for a model.</summary>
    /// <exception cref="InputException">The options contradict each other or the model.</exception>
    public static EstimateRequest Of(ParseResult call, EstimateOptions options, LlamaCppModel model)
    {
        int rpcDevices = call.GetValue(options.RpcDevices);
        float[] shares = Shares(call.GetValue(options.TensorSplit), call.GetValue(options.Devices), rpcDevices);
        int layers = Math.Min(call.GetValue(options.GpuLayers) ?? int.MaxValue, model.BlockCount + 1);
        return new EstimateRequest
        {
            Options = CacheOptions(call, options, model),
            Split = new DeviceSplit
            {
                LayersPerDevice = shares.Length == 0 ? [] : LayerSplit.LayersPerDevice(layers, shares),
                RpcDevices = rpcDevices,
            },
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

        bool flashAttention = call.GetValue(options.FlashAttention) == "on";
        var cache = new LlamaCppOptions
        {
            ContextLength = new Tokens(context),
            ParallelRequests = parallel,
            UnifiedKvCache = call.GetValue(options.KvUnified),
            KeyType = CacheType(call.GetValue(options.KeyType)!),
            ValueType = CacheType(call.GetValue(options.ValueType)!),
            FlashAttention = flashAttention,
            MicroBatch = call.GetValue(options.MicroBatch),
            FullSlidingWindow = call.GetValue(options.FullSlidingWindow),
        };
        bool quantized = cache.ValueType is not (KvCacheType.F16 or KvCacheType.BF16 or KvCacheType.F32);
        return quantized && !flashAttention
            ? throw new InputException("--kv-type-v: llama.cpp quantizes the value cache only with flash attention; use --flash-attention on.")
            : cache;
    }

    private static KvCacheType CacheType(string name) =>
        KvCacheTypes.TryParse(name, out KvCacheType type) ? type : throw new InputException($"'{name}' is no cache type.");

    private static float[] Shares(string? tensorSplit, int? devices, int rpcDevices)
    {
        float[]? shares = tensorSplit is null ? null : Parse(tensorSplit);
        int count = devices ?? shares?.Length ?? Math.Max(1, rpcDevices);
        if (count > MostDevices)
        {
            throw new InputException($"--devices {count} is more than the {MostDevices} that can be estimated.");
        }

        if (shares is not null && shares.Length != count)
        {
            throw new InputException($"--tensor-split names {shares.Length} devices, but --devices is {count}; give one share for each device, RPC devices first.");
        }

        if (rpcDevices > count)
        {
            throw new InputException($"--rpc-devices {rpcDevices} is more than the {count} devices in all; --devices counts RPC devices too.");
        }

        return shares ?? [.. Enumerable.Repeat(1f, count)];
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
