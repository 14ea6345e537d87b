namespace GpuStack.Modeling.LlamaCpp;

public sealed partial record LlamaCppModel
{
    /// <summary>More than llama.cpp takes (512 blocks), or than any model has; within these bounds no sum of sizes exceeds 63 bits.</summary>
    private const int MaximumBlocks = 512;
    private const int MaximumHeads = 1 << 14;
    private const long MaximumCacheRow = 1 << 19;
    private const long MaximumLength = 1 << 24;
    private const long MaximumState = 1 << 30;
    private const long MaximumWeights = 1L << 50;

    /// <summary>What makes the facts those of no model that can exist, in words; null when they are plausible.</summary>
    internal string? Implausibility()
    {
        foreach ((string name, long value, long minimum, long maximum) in new[]
        {
            ("block_count", BlockCount, 1, MaximumBlocks),
            ("embedding_length", EmbeddingLength, 1, MaximumLength),
            ("feed_forward_length", FeedForwardLength, 0, MaximumLength),
            ("expert_count", ExpertCount, 0, MaximumHeads),
            ("expert_used_count", ExpertUsedCount, 0, ExpertCount),
            ("expert_feed_forward_length", ExpertFeedForwardLength, 0, MaximumLength),
            ("attention.head_count", HeadCount, 0, MaximumHeads),
            ("attention.head_count_kv", LargestKeyValueHeads, 0, MaximumHeads),
            ("attention.key_length", KeyLength, 0, MaximumCacheRow / Math.Max(1, LargestKeyValueHeads)),
            ("attention.value_length", ValueLength, 0, MaximumCacheRow / Math.Max(1, LargestKeyValueHeads)),
            ("attention.key_length_swa", WindowKeyLength, 0, MaximumCacheRow / Math.Max(1, LargestKeyValueHeads)),
            ("attention.value_length_swa", WindowValueLength, 0, MaximumCacheRow / Math.Max(1, LargestKeyValueHeads)),
            ("attention.kv_lora_rank", LatentAttention?.Rank ?? 0, 0, MaximumCacheRow / 2),
            ("rope.dimension_count", LatentAttention?.RotaryLength ?? 0, 0, MaximumCacheRow / 2),
            ("attention.key_length_mla", LatentAttention?.KeyLength ?? 0, 0, MaximumCacheRow),
            ("attention.indexer.head_count", SparseIndexer?.Heads ?? 0, 0, MaximumHeads),
            ("attention.indexer.key_length", SparseIndexer?.KeyLength ?? 0, 0, MaximumCacheRow / 2 / Math.Max(1, SparseIndexer?.Heads ?? 1)),
            ("attention.indexer.top_k", SparseIndexer?.Chosen ?? 0, 0, MaximumLength),
            ("attention.sliding_window", SlidingWindow, 0, int.MaxValue),
            ("ssm.conv_kernel", RecurrentState?.Convolution ?? 0, 0, 1 << 10),
            ("ssm.inner_size", RecurrentState?.InnerSize ?? 0, 0, MaximumLength),
            ("ssm.state_size", RecurrentState?.StateSize ?? 0, 0, 1 << 16),
            ("ssm.group_count", RecurrentState?.Groups ?? 0, 0, 1 << 16),
            ("ssm.group_count times ssm.state_size", (RecurrentState?.Groups ?? 0L) * (RecurrentState?.StateSize ?? 0L), 0, MaximumLength),
            ("recurrent state in bytes", RecurrentState?.BytesPerSequence ?? 0, 0, MaximumState),
            ("vocabulary", VocabularySize, 1, int.MaxValue),
            ("size of all tensors", TotalWeightBytes.Value, 0, MaximumWeights),
            ("size of input tensors", InputWeights.Value, 0, MaximumWeights),
            ("size of tied embeddings", TiedOutputWeights.Value, 0, InputWeights.Value),
            ("size of shared tensors", SharedWeights.Value, 0, MaximumWeights),
        })
        {
            if (value < minimum || value > maximum)
            {
                return $"{name} is {value}, where {minimum} to {maximum} is expected";
            }
        }

        foreach (long weights in LayerWeights)
        {
            if (weights is < 0 or > MaximumWeights)
            {
                return $"a layer has {weights} bytes of weights, where 0 to {MaximumWeights} is expected";
            }
        }

        return null;
    }
}
