namespace GpuStack.Modeling.LlamaCpp;

/// <summary>
/// Sizes of llama.cpp's compute buffers. A buffer holds the largest stage of the graph that runs on its device (feed-forward,
/// attention, output), the attention mask, and the inputs that cross from other devices; with several devices and every layer
/// offloaded llama.cpp pipelines micro batches, and keeps four copies of the inputs.
/// </summary>
internal sealed class ComputeBuffers
{
    private const int PipelineCopies = 4;

    private readonly int _blockCount;
    private readonly long _unit;
    private readonly long _mask;
    private readonly long _blockStage;
    private readonly long _outputStage;

    private ComputeBuffers(int blockCount, long unit, long mask, long blockStage, long outputStage)
    {
        _blockCount = blockCount;
        _unit = unit;
        _mask = mask;
        _blockStage = blockStage;
        _outputStage = outputStage;
    }

    public static ComputeBuffers Of(LlamaCppModel model, LlamaCppOptions options, LlamaCppContext context)
    {
        long tokens = context.BatchTokens;
        long row = tokens * sizeof(float);
        long unit = model.EmbeddingLength * row;
        long heads = model.KeyValueHeads.IsDefaultOrEmpty ? 0 : model.KeyValueHeads.Max();
        long cells = context.CellsPerStream + context.WindowCellsPerStream;
        long indices = options.FlashAttention ? 0 : heads * model.ValueLength * tokens * 8 * (context.WindowCellsPerStream > 0 ? 2 : 1);
        long mask = (cells * tokens * (options.FlashAttention ? 2 : 4)) + indices;
        long feedForward = model.ExpertCount > 0
            ? (4 * unit) + (3L * model.ExpertUsedCount * model.ExpertFeedForwardLength * row)
                + (2 * model.ExpertFeedForwardLength < model.EmbeddingLength ? model.ExpertUsedCount * unit : 0)
            : (4 * unit) + (3L * model.FeedForwardLength * row);
        long attention = Attention(model, options, context, unit, row, heads);
        long output = (4 * unit) + ((long)model.VocabularySize * context.Sequences * sizeof(float));
        return new(model.BlockCount, unit, mask, Math.Max(feedForward, attention), output);
    }

    public long OnDevice(int first, int last, int device, int deviceCount, bool partialOffload)
    {
        bool output = last == _blockCount;
        if (partialOffload)
        {
            return Math.Max(_blockStage, output ? _outputStage : 0) - (2 * _unit) + _mask;
        }

        if (deviceCount == 1)
        {
            return Math.Max(_blockStage, _outputStage) + _mask;
        }

        long stage = _blockStage + ((first == 0 ? 12 : 7) * _unit);
        return (output ? Math.Max(stage, _outputStage + (5 * _unit)) : stage) + (PipelineCopies * _mask);
    }

    public long OnHost(int firstOffloadedLayer, int deviceCount)
    {
        if (firstOffloadedLayer > _blockCount)
        {
            return Math.Max(_blockStage, _outputStage) + _unit + _mask;
        }

        if (firstOffloadedLayer > 0)
        {
            return _blockStage + _unit + _mask;
        }

        return deviceCount == 1 ? (4 * _unit) + _mask : (10 * _unit) + (PipelineCopies * _mask);
    }

    private static long Attention(LlamaCppModel model, LlamaCppOptions options, LlamaCppContext context, long unit, long row, long heads)
    {
        if (model.LatentAttention is { } latent)
        {
            return (4 * unit) + (model.HeadCount * row * ((2L * latent.Rank) + (2L * latent.RotaryLength) + latent.KeyLength));
        }

        long queries = (long)model.HeadCount * model.KeyLength * row;
        long keys = heads * model.KeyLength * row;
        return options.FlashAttention
            ? (4 * unit) + (2 * queries) + (2 * Math.Max(0, keys - unit))
            : (4 * unit) + queries + (2 * keys) + (context.CellsPerStream * model.HeadCount * row);
    }
}
