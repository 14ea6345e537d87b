namespace GpuStack.Operator.Supervision.Output;

/// <summary>What a buffer of llama.cpp is for.</summary>
internal enum BufferKind
{
    /// <summary>Weights.</summary>
    Model,

    /// <summary>The KV cache, or the state of recurrent layers.</summary>
    Cache,

    /// <summary>The scratch memory of a batch.</summary>
    Compute,

    /// <summary>Logits, on the host.</summary>
    Output,
}
