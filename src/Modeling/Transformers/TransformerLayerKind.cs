namespace GpuStack.Modeling.Transformers;

/// <summary>What a layer of a transformer remembers between tokens.</summary>
public enum TransformerLayerKind
{
    /// <summary>Attention over the whole context.</summary>
    Full,

    /// <summary>Attention over a sliding window, or over a chunk (Llama 4).</summary>
    SlidingWindow,

    /// <summary>A recurrent state of fixed size (Mamba, gated delta net).</summary>
    Recurrent,

    /// <summary>Attention over the whole context beside a recurrent state, in the same layer (Falcon H1).</summary>
    FullAndRecurrent,

    /// <summary>Nothing: the layer has no attention, or shares another layer's cache.</summary>
    None,
}
