namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>How the experts of a layer lie in a checkpoint.</summary>
internal enum StackedExperts
{
    /// <summary>Each expert has its own matrices.</summary>
    No,

    /// <summary>experts × inputs × outputs, as <c>gate_up_proj</c> and <c>down_proj</c> (Llama 4, gpt-oss).</summary>
    Transposed,

    /// <summary>experts × outputs × inputs, as <c>input_linear.weight</c> and <c>output_linear.weight</c> (Granite).</summary>
    Granite,

    /// <summary>experts × outputs × inputs, as <c>gate_up_proj</c> and <c>down_proj</c> (Qwen3.5, Gemma 4).</summary>
    Straight,
}
