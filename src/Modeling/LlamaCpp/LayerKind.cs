namespace GpuStack.Modeling.LlamaCpp;

/// <summary>What a layer remembers between tokens.</summary>
public enum LayerKind
{
    /// <summary>Attention over the whole context.</summary>
    Full,

    /// <summary>Attention over a sliding window.</summary>
    SlidingWindow,

    /// <summary>A recurrent state of fixed size (Mamba, gated delta net).</summary>
    Recurrent,

    /// <summary>Attention over the whole context, and a recurrent state besides (Falcon H1).</summary>
    FullAndRecurrent,

    /// <summary>Nothing: the layer has a feed-forward part only (Nemotron H).</summary>
    FeedForward,

    /// <summary>Attention over the whole context, in the cache of the last such layer before that has one (the later layers of Gemma 3n).</summary>
    Shared,

    /// <summary>Nothing: the layer is there for speculative decoding (multi-token prediction), and is not loaded.</summary>
    Unused,

    /// <summary>Attention over a sliding window, in the cache of the last such layer before that has one.</summary>
    SharedSlidingWindow,
}
