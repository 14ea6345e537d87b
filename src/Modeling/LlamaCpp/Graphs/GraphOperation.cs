namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>What the allocator and the scheduler need to know of an operation.</summary>
internal enum GraphOperation
{
    /// <summary>No operation: an input, a weight, a cache, or a copy that the scheduler makes.</summary>
    None,

    /// <summary>Another look at the same bytes (view, reshape, permute, transpose); the scheduler never places it by itself.</summary>
    View,

    /// <summary>An operation that may write over one of its sources (add, mul, scale, norm, soft-max, activations).</summary>
    InPlace,

    /// <summary>Rotary positions: in place too, yet never placed where its (tiny) factors are.</summary>
    Rope,

    /// <summary>Flash attention: never placed where its (tiny) sinks are.</summary>
    FlashAttention,

    /// <summary>Any other operation with a result of its own.</summary>
    Plain,
}
