namespace GpuStack.Modeling.Tests.Samples;

/// <summary>What a tensor is for, as far as its type depends on it.</summary>
internal enum TensorRole
{
    TokenEmbedding,
    Output,
    Query,
    Key,
    Value,
    AttentionOutput,
    FeedForwardUp,
    FeedForwardDown,
    ExpertUp,
    ExpertDown,
}
