namespace GpuStack.Modeling.LlamaCpp;

/// <summary>
/// Sizes of llama.cpp's compute buffers. A buffer holds the largest stage of the graph that runs on its device (feed-forward,
/// attention, output), the attention mask, and the inputs that cross from other devices; with several devices and every layer
/// offloaded llama.cpp pipelines micro batches, and keeps four copies of the inputs.
/// Sizes are counted in units u of one activation (embedding length × tokens of a micro batch × 4 bytes). The counts were found
/// by comparing with what llama-server reports (<c>Benchmarks accuracy</c>).
/// </summary>
internal sealed class ComputeBuffers
{
    private const int PipelineCopies = 4;

    private readonly int _blockCount;
    private readonly long _unit;
    private readonly long _mask;
    private readonly long _blockStage;
    private readonly long _outputStage;
    private readonly bool _mixture;
    private readonly long _crossing;
    private readonly RecurrentStage? _recurrent;

    private ComputeBuffers(LlamaCppModel model, LlamaCppOptions options, LlamaCppContext context)
    {
        long row = context.BatchTokens * (long)sizeof(float);
        _blockCount = model.BlockCount;
        _unit = model.EmbeddingLength * row;
        _mixture = model.ExpertCount > 0;
        _recurrent = RecurrentStage.Of(model, context);
        _mask = _recurrent is null ? Mask(model, options, context) : 0;
        _blockStage = Math.Max(FeedForward(model, row), Attention(model, options, context, row));
        _crossing = Crossing(model, options);
        _outputStage = (4 * _unit) + ((long)model.VocabularySize * context.Sequences * sizeof(float));
    }

    public static ComputeBuffers Of(LlamaCppModel model, LlamaCppOptions options, LlamaCppContext context) => new(model, options, context);

    public long OnDevice(int first, int last, int deviceCount, bool partialOffload)
    {
        bool output = last == _blockCount;
        if (_recurrent is { } recurrent)
        {
            return recurrent.OnDevice(first == 0, output, deviceCount, partialOffload);
        }

        if (partialOffload)
        {
            return Math.Max(_blockStage, output ? _outputStage : 0) - (2 * _unit) + (_mixture ? _unit : 0) + _mask;
        }

        if (deviceCount == 1)
        {
            return Math.Max(_blockStage, _outputStage) + _mask;
        }

        long stage = _blockStage + ((first == 0 ? 12 : 7) * _unit) + _crossing;
        return (output ? Math.Max(stage, _outputStage + (5 * _unit)) : stage) + (PipelineCopies * _mask);
    }

    public long OnHost(int firstOffloadedLayer, int deviceCount)
    {
        if (firstOffloadedLayer > 0)
        {
            return _recurrent is { } recurrent ? recurrent.OnHost
                : (firstOffloadedLayer > _blockCount ? Math.Max(_blockStage, _outputStage) : _blockStage) + _unit + _mask + (_mixture ? _crossing - _unit : 0);
        }

        return deviceCount == 1 ? (4 * _unit) + _mask : (10 * _unit) + (PipelineCopies * _mask);
    }

    /// <summary>What a block's stage takes more, or less, on each of several devices than on one.</summary>
    private long Crossing(LlamaCppModel model, LlamaCppOptions options)
    {
        if (!_mixture)
        {
            // Caches of blocks (q8_0, q4_0, …) are read in another order, which frees one activation early.
            bool blocks = options.KeyType is not (KvCacheType.F32 or KvCacheType.F16 or KvCacheType.BF16);
            return blocks && model.SlidingWindow == 0 ? -_unit * 9 / 10 : 0;
        }

        // A mixture's router adds up to an activation, and experts narrower than the model one for each that is used.
        bool counted = 2L * model.ExpertFeedForwardLength < model.EmbeddingLength;
        return _unit + (!counted && model.ExpertFeedForwardLength < model.EmbeddingLength ? model.ExpertUsedCount * _unit : 0);
    }

    private static long Mask(LlamaCppModel model, LlamaCppOptions options, LlamaCppContext context)
    {
        long cells = context.CellsPerStream + context.WindowCellsPerStream;
        if (options.FlashAttention)
        {
            return cells * context.BatchTokens * 2;
        }

        // Without flash attention values are stored transposed, by an index per element; latent attention stores none.
        long caches = context.WindowCellsPerStream > 0 ? 2 : 1;
        long indices = model.LatentAttention is not null ? 0 : model.LargestKeyValueHeads * model.ValueLength * context.BatchTokens * sizeof(long) * caches;
        return (cells * context.BatchTokens * 4) + indices;
    }

    private long FeedForward(LlamaCppModel model, long row)
    {
        if (!_mixture)
        {
            return (4 * _unit) + (3L * model.FeedForwardLength * row);
        }

        long experts = model.ExpertUsedCount;
        long combined = 2L * model.ExpertFeedForwardLength < model.EmbeddingLength ? experts * _unit : 0;
        return (4 * _unit) + (3 * experts * model.ExpertFeedForwardLength * row) + combined;
    }

    private long Attention(LlamaCppModel model, LlamaCppOptions options, LlamaCppContext context, long row)
    {
        long scores = options.FlashAttention ? 0 : context.CellsPerStream * model.HeadCount * row;
        if (model.LatentAttention is { } latent)
        {
            return (4 * _unit) + (model.HeadCount * row * ((2L * latent.Rank) + (2L * latent.RotaryLength) + latent.KeyLength)) + scores;
        }

        long queries = (long)model.HeadCount * model.KeyLength * row;
        long keys = model.LargestKeyValueHeads * model.KeyLength * row;
        return options.FlashAttention
            ? (4 * _unit) + (2 * queries) + (2 * Math.Max(0, keys - _unit))
            : (4 * _unit) + queries + (2 * keys) + scores;
    }
}
