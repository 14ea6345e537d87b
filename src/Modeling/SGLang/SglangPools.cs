using System.Runtime.InteropServices;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.SGLang;

/// <summary>
/// What SGLang's pools take on each rank of a stage: rows of attention over the whole context, rows of sliding windows, and recurrent states.
/// </summary>
/// <param name="FullRow">Bytes of one token in all layers with attention over the whole context (in all layers, without a pool for windows).</param>
/// <param name="WindowRow">Bytes of one token in all sliding-window layers that have their own pool.</param>
/// <param name="State">Bytes of one request's recurrent states.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SglangPools(long FullRow, long WindowRow, long State)
{
    /// <summary>Slots of recurrent state that one running request keeps busy, with the prefix cache on (<c>MAMBA_CACHE_SIZE_MAX_RUNNING_REQUESTS_RATIO</c>).</summary>
    public const int StatesPerRequest = 3;

    /// <summary>The pools of a stage.</summary>
    public static SglangPools Of(ServedModel served, SglangOptions options, in PipelineStage stage)
    {
        TransformerModel model = served.Model;
        bool hybrid = SglangRules.HybridCache(model, options);
        int bits = options.KvCacheType == CacheElement.Fp8 ? 8 : (model.KvCacheType ?? options.DataType ?? model.DataType).Bits();
        (long full, long window, long state) = (0, 0, 0);
        foreach (CacheClass cache in served.Caches)
        {
            long layers = cache.CountIn(stage);
            switch (cache.Kind)
            {
                case TransformerLayerKind.Recurrent:
                    state = checked(state + (layers * StateBytes(model, options)));
                    break;
                case TransformerLayerKind.SlidingWindow when hybrid:
                    window = checked(window + (layers * (cache.TokenElements(model, options.TensorParallel) * bits / 8)));
                    break;
                default:
                    full = checked(full + (layers * ((cache.TokenElements(model, options.TensorParallel) * bits / 8) + Indexer(model))));
                    break;
            }
        }

        // Without attention over the whole context there is one pool, that of the windows.
        return full == 0 ? new(window, 0, state) : new(full, window, state);
    }

    /// <summary>How many tokens, and slots of recurrent state, a pool of so many bytes holds.</summary>
    public (long Tokens, long States) Fill(double bytes, SglangOptions options)
    {
        long states = long.MaxValue;
        if (State > 0)
        {
            states = (long)(bytes * options.RecurrentRatio / (1 + options.RecurrentRatio) / State);
            bytes -= (double)states * State;
        }

        double row = FullRow + (WindowRow * options.SlidingWindowRatio);
        return row > 0 ? ((long)(Math.Max(0, bytes) / row) / options.PageSize * options.PageSize, states) : (long.MaxValue, states);
    }

    /// <summary>Bytes that so many requests of a length take.</summary>
    public long Demand(long length, long windowed, int requests) =>
        checked(((FullRow * length) + (WindowRow * windowed) + (State * StatesPerRequest)) * requests);

    private static long Indexer(TransformerModel model)
    {
        int length = model.LatentAttention?.IndexerLength ?? 0;
        return length + (length / 128 * 4);
    }

    /// <summary>The convolution's window in the data type, the state in float32 unless the model asks for another (<c>--mamba-ssm-dtype</c>).</summary>
    private static long StateBytes(TransformerModel model, SglangOptions options)
    {
        if (model.Recurrent is not { } shape)
        {
            return 0;
        }

        long bits = checked((shape.ConvolutionElements * (options.DataType ?? model.DataType).Bits())
            + (shape.StateElements * (shape.StateType ?? ElementType.F32).Bits()));
        return ((bits / 8) + options.TensorParallel - 1) / options.TensorParallel;
    }
}
