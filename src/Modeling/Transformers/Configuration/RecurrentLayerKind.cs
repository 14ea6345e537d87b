namespace GpuStack.Modeling.Transformers.Configuration;

/// <summary>The kinds of recurrent layers.</summary>
internal enum RecurrentLayerKind
{
    Mamba,
    Mamba2,

    /// <summary>Gated delta net (Qwen3-Next, Kimi Linear).</summary>
    DeltaNet,

    /// <summary>Lightning attention (MiniMax).</summary>
    Lightning,

    /// <summary>A convolution alone (LFM2).</summary>
    ShortConvolution,
}
