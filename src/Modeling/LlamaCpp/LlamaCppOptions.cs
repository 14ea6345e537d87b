namespace GpuStack.Modeling.LlamaCpp;

/// <summary>The settings of llama-server that decide how much memory it takes.</summary>
public sealed record LlamaCppOptions
{
    /// <summary>Context length per request (not the sum over parallel requests, as llama-server's <c>-c</c> is).</summary>
    public required Tokens ContextLength { get; init; }

    /// <summary>Requests served at a time (<c>-np</c>).</summary>
    public int ParallelRequests { get; init; } = 1;

    /// <summary>One cache shared by all requests (<c>--kv-unified</c>).</summary>
    public bool UnifiedKvCache { get; init; }

    /// <summary>Element type of the key cache (<c>-ctk</c>).</summary>
    public KvCacheType KeyType { get; init; } = KvCacheType.F16;

    /// <summary>Element type of the value cache (<c>-ctv</c>).</summary>
    public KvCacheType ValueType { get; init; } = KvCacheType.F16;

    /// <summary>Flash attention (<c>-fa</c>).</summary>
    public bool FlashAttention { get; init; } = true;

    /// <summary>Tokens computed at a time (<c>-ub</c>).</summary>
    public int MicroBatch { get; init; } = 512;

    /// <summary>Tokens submitted at a time (<c>-b</c>); a micro batch is never larger.</summary>
    public int Batch { get; init; } = 2048;

    /// <summary>Full-size caches for sliding-window layers (<c>--swa-full</c>).</summary>
    public bool FullSlidingWindow { get; init; }
}
