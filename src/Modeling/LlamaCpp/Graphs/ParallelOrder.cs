namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>How attention and a feed-forward part that read the same input, and the residual, are added up.</summary>
internal enum ParallelOrder
{
    /// <summary>The feed-forward part, the residual, attention (Command R).</summary>
    ResidualThenAttention,

    /// <summary>The feed-forward part, attention, the residual (Falcon).</summary>
    FeedForwardThenAttention,

    /// <summary>Attention, the feed-forward part, the residual (Phi 2).</summary>
    AttentionThenFeedForward,

    /// <summary>The feed-forward part, and the sum of attention and residual (StableLM).</summary>
    AttentionWithResidual,
}
