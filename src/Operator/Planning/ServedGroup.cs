using GpuStack.Entities.V1Alpha1;
using GpuStack.Modeling;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Operator.Planning;

/// <summary>What a group of vLLM or SGLang serves.</summary>
public sealed record ServedGroup
{
    /// <summary>VLLM or SGLang.</summary>
    public required EngineType Engine { get; init; }

    /// <summary>The model's facts.</summary>
    public required TransformerModel Model { get; init; }

    /// <summary>Tokens of one request.</summary>
    public required Tokens ContextLength { get; init; }
}
