using System.Collections.Immutable;

namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>The encoder of one modality within a projector file, as far as its memory goes.</summary>
public sealed record ProjectorTower
{
    /// <summary>What the tower encodes.</summary>
    public required ProjectorModality Modality { get; init; }

    /// <summary>The kind of projector, in llama.cpp's words (<c>gemma3</c>, <c>qwen2.5vl_merger</c>, <c>ultravox</c>, …).</summary>
    public required string Type { get; init; }

    /// <summary>Elements of a hidden state.</summary>
    public required int EmbeddingLength { get; init; }

    /// <summary>Feed-forward length.</summary>
    public required int FeedForwardLength { get; init; }

    /// <summary>Transformer blocks.</summary>
    public required int BlockCount { get; init; }

    /// <summary>Attention heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Side of an image in pixels; 0 for audio, or when the size is free.</summary>
    public int ImageSize { get; init; }

    /// <summary>Side of a patch in pixels; 1 for audio.</summary>
    public int PatchSize { get; init; } = 1;

    /// <summary>How many patches per side become one token.</summary>
    public int Merge { get; init; } = 1;

    /// <summary>Bands of the spectrogram; 0 for vision.</summary>
    public int MelBins { get; init; }

    /// <summary>How many audio frames become one token.</summary>
    public int Stack { get; init; } = 1;

    /// <summary>Every n-th block attends to the whole image, the others to windows; 0: all to the whole image.</summary>
    public int WindowPattern { get; init; }

    /// <summary>Rows of the position embedding; 0 without one.</summary>
    public int PositionRows { get; init; }

    /// <summary>Elements between the projector's two layers.</summary>
    public int ProjectorLength { get; init; }

    /// <summary>Elements of a token as the language model takes it.</summary>
    public int OutputLength { get; init; }

    /// <summary>Blocks whose output reaches the language model directly (deepstack).</summary>
    public ImmutableArray<int> DeepstackBlocks { get; init; } = [];

    /// <summary>Whether a class embedding stands beside the patches.</summary>
    public bool ClassEmbedding { get; init; }

    /// <summary>Whether the patch embedding has a bias.</summary>
    public bool PatchBias { get; init; }

    /// <summary>Whether queries, keys and values come from one weight.</summary>
    public bool FusedAttention { get; init; }

    /// <summary>Whether the feed-forward has a gate.</summary>
    public bool Gated { get; init; }

    /// <summary>Whether projections have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether the key projection has a bias.</summary>
    public bool KeyBias { get; init; }

    /// <summary>Whether norms have biases.</summary>
    public bool NormBias { get; init; }

    /// <summary>Whether queries and keys are normed.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Whether block outputs are scaled by a weight.</summary>
    public bool LayerScale { get; init; }

    /// <summary>Whether a norm precedes the blocks.</summary>
    public bool NormBefore { get; init; }

    /// <summary>Whether a norm follows the blocks.</summary>
    public bool NormAfter { get; init; }
}
