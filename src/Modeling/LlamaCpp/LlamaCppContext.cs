namespace GpuStack.Modeling.LlamaCpp;

/// <summary>
/// The sizes that llama.cpp derives from its context settings before it computes anything: cells of the caches, streams,
/// tokens per micro batch.
/// </summary>
/// <param name="CellsPerStream">Cells of a full cache, per stream.</param>
/// <param name="WindowCellsPerStream">Cells of a sliding-window cache, per stream; 0 when the model has none.</param>
/// <param name="Streams">Separate caches: one per request, or one in all when unified.</param>
/// <param name="Sequences">Requests served at a time.</param>
/// <param name="BatchTokens">Tokens computed at a time, T.</param>
internal sealed record LlamaCppContext(long CellsPerStream, long WindowCellsPerStream, int Streams, int Sequences, int BatchTokens)
{
    /// <summary>llama.cpp rounds context sizes up to a multiple of this.</summary>
    private const int CellPadding = 256;

    /// <summary>llama.cpp counts cells in 32 bits.</summary>
    private const long MaximumCells = 1L << 31;

    public static LlamaCppContext Of(LlamaCppModel model, LlamaCppOptions options)
    {
        if (options.ContextLength.Value is < 1 or > int.MaxValue || options.ParallelRequests < 1 || options.MicroBatch < 1 || options.Batch < 1)
        {
            throw new ArgumentException("Context length, parallel requests and batch sizes are positive, and a context is shorter than 2^31 tokens.", nameof(options));
        }

        long perRequest = Pad(options.ContextLength.Value);
        long total = perRequest * options.ParallelRequests;
        if (total > MaximumCells)
        {
            throw new ArgumentException($"A context of {options.ContextLength} tokens for {options.ParallelRequests} requests exceeds 2^31 tokens.", nameof(options));
        }

        int streams = options.UnifiedKvCache ? 1 : options.ParallelRequests;
        long cells = options.UnifiedKvCache ? total : perRequest;
        int tokens = (int)Math.Min(Math.Min(options.MicroBatch, options.Batch), total);
        long window = 0;
        if (model.SlidingWindow > 0 && model.LayerKinds.Contains(LayerKind.SlidingWindow))
        {
            long sequencesPerStream = options.UnifiedKvCache ? options.ParallelRequests : 1;
            window = options.FullSlidingWindow ? cells : Math.Min(cells, Pad((model.SlidingWindow * sequencesPerStream) + tokens));
        }

        return new(cells, window, streams, options.ParallelRequests, tokens);
    }

    /// <summary>Bytes that one block remembers, for all sequences.</summary>
    public long CacheBytes(LlamaCppModel model, LlamaCppOptions options, int layer)
    {
        long state = Sequences * (model.RecurrentState?.BytesPerSequence ?? 0);
        return model.LayerKinds[layer] switch
        {
            LayerKind.Recurrent => state,
            LayerKind.FullAndRecurrent => state + AttentionBytes(model, options, layer),
            LayerKind.Shared or LayerKind.SharedSlidingWindow or LayerKind.Unused or LayerKind.FeedForward => 0,
            _ => AttentionBytes(model, options, layer),
        };
    }

    private long AttentionBytes(LlamaCppModel model, LlamaCppOptions options, int layer)
    {
        long cells = (model.LayerKinds[layer] == LayerKind.SlidingWindow ? WindowCellsPerStream : CellsPerStream) * Streams;
        if (model.LatentAttention is { } latent)
        {
            return cells * (options.KeyType.Bytes(latent.Rank + latent.RotaryLength) + options.KeyType.Bytes(model.SparseIndexer?.KeyLength ?? 0));
        }

        // Without flash attention values are stored transposed, and all blocks have rows of the largest one's length.
        long heads = model.KeyValueHeads[layer];
        long values = options.FlashAttention ? heads * model.ValueLengthOf(layer) : heads > 0 ? model.LargestValueRow : 0;
        return cells * (options.KeyType.Bytes(heads * model.KeyLengthOf(layer)) + options.ValueType.Bytes(values));
    }

    /// <summary>The buffer of the logits that a server keeps: one row of the vocabulary per request, on the host.</summary>
    public long OutputBufferBytes(LlamaCppModel model) => (long)Sequences * model.VocabularySize * sizeof(float);

    private static long Pad(long cells) => checked((cells + CellPadding - 1) / CellPadding * CellPadding);
}
