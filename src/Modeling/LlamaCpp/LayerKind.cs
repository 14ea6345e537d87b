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
}
