using GpuStack.Entities.Schema;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Entities.V1Alpha1;

/// <summary>Explicit facts about a model. Each one given beats what the model's files say.</summary>
public sealed class ModelProfileSpec
{
    /// <summary>Architecture as the engine names it, such as <c>llama</c> or <c>Qwen3MoeForCausalLM</c>.</summary>
    [Length(1, 100)]
    public string? Architecture { get; set; }

    /// <summary>Number of parameters.</summary>
    [Range(1, 100_000_000_000_000)]
    public long? Parameters { get; set; }

    /// <summary>Bytes of all weights together.</summary>
    [CelRule(QuantityRules.Positive, QuantityRules.PositiveMessage)]
    public Quantity? WeightSize { get; set; }

    /// <summary>Transformer blocks, without the output layer.</summary>
    [Range(1, 10_000)]
    public int? Layers { get; set; }

    /// <summary>Width of the hidden state.</summary>
    [Range(1, 1_000_000)]
    public int? HiddenSize { get; set; }

    /// <summary>Width of a feed-forward block.</summary>
    [Range(1, 10_000_000)]
    public int? IntermediateSize { get; set; }

    /// <summary>Attention heads.</summary>
    [Range(1, 10_000)]
    public int? AttentionHeads { get; set; }

    /// <summary>Key and value heads.</summary>
    [Range(1, 10_000)]
    public int? KeyValueHeads { get; set; }

    /// <summary>Width of one head.</summary>
    [Range(1, 10_000)]
    public int? HeadSize { get; set; }

    /// <summary>Tokens in the vocabulary.</summary>
    [Range(1, 10_000_000)]
    public int? VocabularySize { get; set; }

    /// <summary>Tokens that the model was trained for.</summary>
    [Range(1, 100_000_000)]
    public int? ContextLength { get; set; }

    /// <summary>Experts in a layer.</summary>
    [Range(0, 10_000)]
    public int? Experts { get; set; }

    /// <summary>Experts used for one token.</summary>
    [Range(0, 10_000)]
    public int? ExpertsPerToken { get; set; }
}
