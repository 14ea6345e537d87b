namespace GpuStack.Modeling.Transformers.Weights;

/// <summary>The part that a module plays within a layer.</summary>
internal enum TensorRole
{
    /// <summary>Each rank holds all of it.</summary>
    Replicated,

    /// <summary>Outputs are divided, and the bias with them.</summary>
    Column,

    /// <summary>Inputs are divided; the bias, and scales per output, are not.</summary>
    Row,

    KeyValue,

    FusedAttention,
}
