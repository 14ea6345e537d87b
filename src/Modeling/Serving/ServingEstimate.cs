using System.Collections.Immutable;

namespace GpuStack.Modeling.Serving;

/// <summary>What a model takes under vLLM or SGLang, and what fits into the memory that the engine gives itself.</summary>
public sealed record ServingEstimate
{
    /// <summary>
    /// What every rank needs for the demand, in the order of the ranks (stage by stage), the host last (nothing is estimated
    /// there). <see cref="DeviceMemory.KvCache"/> is what the demand needs, not what the engine books; <see cref="DeviceMemory.Compute"/>
    /// is the peak of the activations and the CUDA graphs; <see cref="DeviceMemory.Overhead"/> is the CUDA context, NCCL and kernels.
    /// </summary>
    public required MemoryEstimate Memory { get; init; }

    /// <summary>The cache that the engine books on each rank: all that its share of the GPU leaves. Negative when its weights alone don't fit.</summary>
    public required ImmutableArray<Bytes> CachePools { get; init; }

    /// <summary>The tokens that the engine says its cache holds ("GPU KV cache size", "max_total_num_tokens"); 0 when there is no room.</summary>
    public required Tokens CacheTokens { get; init; }

    /// <summary>The longest single request that the cache holds, at most the model's own context.</summary>
    public required Tokens LargestContext { get; init; }

    /// <summary>How many requests of the demand's length the cache holds at a time.</summary>
    public required double MaxConcurrency { get; init; }

    /// <summary>Why the engine would not start, or could not hold the demand, in one sentence; null when it fits.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether the engine starts and holds the demand.</summary>
    public bool Fits => Reason is null;

    /// <summary>The smallest cache of all ranks, which decides how much fits.</summary>
    public Bytes CachePool => CachePools.Min();
}
