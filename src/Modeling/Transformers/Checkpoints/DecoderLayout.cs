using System.Collections.Immutable;

namespace GpuStack.Modeling.Transformers.Checkpoints;

/// <summary>The names and biases of a decoder whose layers are attention followed by a feed-forward network. The defaults are Llama's.</summary>
internal sealed record DecoderLayout
{
    /// <summary>What all names but the head's begin with.</summary>
    public string Prefix { get; init; } = "model.";

    public string Layers { get; init; } = "layers";

    public string Embedding { get; init; } = "embed_tokens";

    /// <summary>Learned positions; null without them.</summary>
    public string? Positions { get; init; }

    public int PositionRows { get; init; }

    /// <summary>A norm after the embedding; null without one.</summary>
    public string? EmbeddingNorm { get; init; }

    public string FinalNorm { get; init; } = "norm";

    public string Head { get; init; } = "lm_head";

    public bool HeadBias { get; init; }

    public ImmutableArray<string> Norms { get; init; } = ["input_layernorm", "post_attention_layernorm"];

    public bool NormBias { get; init; }

    public string Attention { get; init; } = "self_attn";

    public string Query { get; init; } = "q_proj";

    public string Key { get; init; } = "k_proj";

    public string Value { get; init; } = "v_proj";

    public string Output { get; init; } = "o_proj";

    /// <summary>One matrix for query, key and value; null when they are three.</summary>
    public string? FusedAttention { get; init; }

    public bool AttentionBias { get; init; }

    public bool OutputBias { get; init; }

    /// <summary>Whether each head has a learned sink (gpt-oss).</summary>
    public bool Sinks { get; init; }

    public QueryKeyNorm QueryKeyNorm { get; init; }

    public string QueryNorm { get; init; } = "q_norm";

    public string KeyNorm { get; init; } = "k_norm";

    /// <summary>Query rows per head length: 2 where the query carries a gate.</summary>
    public int QueryFactor { get; init; } = 1;

    public string FeedForward { get; init; } = "mlp";

    /// <summary>The gate; null for a network of two matrices.</summary>
    public string? Gate { get; init; } = "gate_proj";

    public string Up { get; init; } = "up_proj";

    public string Down { get; init; } = "down_proj";

    /// <summary>One matrix for gate and up; null when they are two.</summary>
    public string? FusedGate { get; init; }

    public bool FeedForwardBias { get; init; }

    /// <summary>The mixture of experts; null for a dense model.</summary>
    public MixtureLayout? Mixture { get; init; }
}
