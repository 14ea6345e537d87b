namespace GpuStack.Golden.Shapes;

/// <summary>What a tensor is for, as far as its type depends on it.</summary>
internal enum TensorRole
{
    /// <summary>None of the others.</summary>
    Other,
    TokenEmbedding,
    Output,
    Query,
    Key,
    Value,

    /// <summary>Query, key and value projection in one tensor.</summary>
    FusedAttention,
    AttentionOutput,
    FeedForwardUp,
    FeedForwardDown,
    ExpertUp,
    ExpertDown,
}
