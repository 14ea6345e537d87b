using System.Collections.Immutable;
using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.VLLM;

/// <summary>
/// How vLLM lays out its cache (<c>get_kv_cache_groups</c> in <c>vllm/v1/core/kv_cache_utils.py</c>).
/// <para>
/// Layers that remember alike form one group, and a block takes the sum of their pages. Otherwise all pages are made equal: smaller
/// attention rows get more tokens in a block, a recurrent state is padded to a page of attention, whose block grows until it holds the
/// state. The layers of each shape are then spread over groups of the size of the smallest shape (of the largest one, if that is less than
/// half larger), and every group takes its own blocks for a request. One block takes a page in each layer of a group.
/// </para>
/// </summary>
internal sealed class VllmCacheLayout
{
    /// <summary>Bytes of an indexer's row beside its 8-bit elements: one float32 scale for each 128 of them (DeepSeek V3.2).</summary>
    private const int IndexerScale = 4;

    private readonly VllmBatch _batch;
    private readonly ImmutableArray<VllmCacheGroup> _groups;
    private readonly ImmutableArray<long> _pages;
    private readonly bool _uniform;
    private readonly Tokens _window;

    private VllmCacheLayout(VllmBatch batch, Tokens window, ImmutableArray<VllmCacheGroup> groups, ImmutableArray<long> pages, bool uniform)
    {
        (_batch, _window, _groups, _pages, _uniform) = (batch, window, groups, pages, uniform);
    }

    /// <summary>Groups of layers; 0 for a model that caches nothing.</summary>
    public int Groups => _uniform ? 1 : _groups.Sum(static group => group.Groups);

    /// <summary>The layout of a model under options.</summary>
    public static VllmCacheLayout Of(ServedModel served, VllmOptions options, in VllmBatch batch)
    {
        TransformerModel model = served.Model;
        CacheClass[] attention = [.. served.Caches.Where(static cache => cache.Kind != TransformerLayerKind.Recurrent)];
        CacheClass? recurrent = served.Caches.FirstOrDefault(static cache => cache.Kind == TransformerLayerKind.Recurrent);
        long[] rows = Array.ConvertAll(attention, cache => RowBytes(cache, model, options));
        bool window = Array.Exists(attention, static cache => cache.Kind == TransformerLayerKind.SlidingWindow);
        bool full = Array.Exists(attention, static cache => cache.Kind == TransformerLayerKind.Full);
        bool unified = window && full && options.DisableHybridCache;
        long block = options.BlockSize;
        if (recurrent is null && (!(window && full) || unified))
        {
            return new(
                batch,
                unified ? default : model.SlidingWindow,
                [.. attention.Select(cache => new VllmCacheGroup(cache, block, 1))],
                [.. rows.Select(row => checked(row * block))],
                uniform: true);
        }

        long widest = rows.Length > 0 ? rows.Max() : 0;
        long state = recurrent is null ? 0 : StateBytes(model, options);
        if (widest > 0)
        {
            block = checked(block * Math.Max(1, (state + (block * widest) - 1) / (block * widest)));
        }

        long page = Math.Max(checked(block * widest), state);
        var shapes = new List<(CacheClass Layers, long Block)>();
        for (int i = 0; i < attention.Length; i++)
        {
            shapes.Add((attention[i], widest % rows[i] == 0 ? block * (widest / rows[i]) : block));
        }

        if (recurrent is not null)
        {
            shapes.Add((recurrent, block));
        }

        int fewest = shapes.Min(static shape => shape.Layers.Count);
        int most = shapes.Max(static shape => shape.Layers.Count);
        int size = most < fewest * 1.5 ? most : fewest;
        return new(
            batch,
            model.SlidingWindow,
            [.. shapes.Select(shape => new VllmCacheGroup(shape.Layers, shape.Block, (shape.Layers.Count + size - 1) / size))],
            [.. shapes.Select(_ => page)],
            uniform: false);
    }

    /// <summary>What one block takes on a rank of a stage; 0 where the stage caches nothing.</summary>
    public long BlockBytes(in PipelineStage stage)
    {
        long sum = 0;
        long largest = 0;
        for (int i = 0; i < _groups.Length; i++)
        {
            int layers = _groups[i].Layers.CountIn(stage);
            sum = checked(sum + (layers * _pages[i]));
            largest = Math.Max(largest, checked((layers + _groups[i].Groups - 1) / _groups[i].Groups * _pages[i]));
        }

        return _uniform ? sum : largest;
    }

    /// <summary>
    /// Blocks that one request of so many tokens takes. A sliding window needs blocks for itself and for a batch
    /// (<c>SlidingWindowSpec.max_memory_usage_bytes</c>), a recurrent state one block.
    /// </summary>
    public long BlocksPerRequest(long length)
    {
        long most = 0;
        long sum = 0;
        foreach (VllmCacheGroup group in _groups)
        {
            long blocks = Blocks(group, length);
            most = Math.Max(most, blocks);
            sum += blocks * group.Groups;
        }

        return _uniform ? most : sum;
    }

    /// <summary>The number of tokens that the engine logs for so many blocks.</summary>
    public long LoggedTokens(long blocks, EngineVersion version)
    {
        if (_groups.IsEmpty)
        {
            return 0;
        }

        if (VllmRules.TokensFromConcurrency(version))
        {
            return (long)((double)blocks / BlocksPerRequest(_batch.MaxModelLength) * _batch.MaxModelLength);
        }

        return blocks / Groups * _groups.Min(static group => group.BlockTokens);
    }

    private long Blocks(in VllmCacheGroup group, long length) => group.Layers.Kind switch
    {
        TransformerLayerKind.Recurrent => 1,
        TransformerLayerKind.SlidingWindow when _window.Value > 0 =>
            RoundUp(Math.Min(length, _window.Value - 1 + _batch.Tokens), group.BlockTokens) + 1,
        _ => RoundUp(length, group.BlockTokens),
    };

    private static long RoundUp(long tokens, long block) => (tokens + block - 1) / block;

    private static long RowBytes(CacheClass cache, TransformerModel model, VllmOptions options)
    {
        int bits = options.KvCacheType == CacheElement.Fp8 ? 8 : (model.KvCacheType ?? options.DataType ?? model.DataType).Bits();
        long row = checked(cache.TokenElements(model, options.TensorParallel) * bits) / 8;
        int indexer = cache.Kind == TransformerLayerKind.Full ? model.LatentAttention?.IndexerLength ?? 0 : 0;
        return row + indexer + (indexer / 128 * IndexerScale);
    }

    private static long StateBytes(TransformerModel model, VllmOptions options)
    {
        if (model.Recurrent is not { } state)
        {
            return 0;
        }

        long convolution = checked(state.ConvolutionElements * (options.DataType ?? model.DataType).Bits()) / 8;
        long recurrent = checked(state.StateElements * (state.StateType ?? options.DataType ?? model.DataType).Bits()) / 8;
        return (convolution + recurrent + options.TensorParallel - 1) / options.TensorParallel;
    }
}
