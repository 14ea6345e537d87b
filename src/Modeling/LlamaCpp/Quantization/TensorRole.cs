namespace GpuStack.Modeling.LlamaCpp.Quantization;

/// <summary>What llama-quantize takes a tensor for, by its name.</summary>
internal enum TensorRole
{
    Other,
    Output,
    Embedding,

    /// <summary>Values, alone or together with queries and keys.</summary>
    AttentionValue,
    AttentionKey,
    AttentionQuery,
    AttentionOutput,
    FeedForwardDown,
}
