namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>How a recurrent block goes on from state to state.</summary>
public enum RecurrenceKind
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>Mamba: a selective scan, one state per channel.</summary>
    Mamba,

    /// <summary>Mamba 2: a selective scan by heads.</summary>
    Mamba2,

    /// <summary>Gated delta net (Qwen3-Next).</summary>
    DeltaNet,

    /// <summary>Kimi delta attention.</summary>
    KimiDelta,

    /// <summary>A gated convolution over a few tokens (LFM2).</summary>
    ShortConvolution,

    /// <summary>A time mix (RWKV 7).</summary>
    TimeMix,
}
