using System.Collections.Immutable;
using System.Text.Json.Serialization;
using GpuStack.Modeling.LlamaCpp.Graphs;

namespace GpuStack.Modeling.LlamaCpp;

/// <summary>
/// The facts of a model that llama.cpp's memory depends on: a few kilobytes of JSON, so they can be cached or handed on
/// without the file. Sizes of weights are padded as llama.cpp books them (32 bytes per tensor).
/// </summary>
public sealed partial record LlamaCppModel
{
    /// <summary>The model's name (<c>general.name</c>), or its file's.</summary>
    public required string Name { get; init; }

    /// <summary>The architecture (<c>general.architecture</c>).</summary>
    public required string Architecture { get; init; }

    /// <summary>Transformer blocks, L.</summary>
    public required int BlockCount { get; init; }

    /// <summary>The context the model was trained for, in tokens.</summary>
    public Tokens ContextLength { get; init; }

    /// <summary>The number of parameters (elements of all tensors).</summary>
    public long ParameterCount { get; init; }

    /// <summary>The data of all tensors, each once.</summary>
    public Bytes TotalWeightBytes { get; init; }

    /// <summary>Weights per layer; index L is the output layer (with a second copy of tied embeddings). L+1 entries.</summary>
    public ImmutableArray<long> LayerWeights { get; init; } = [];

    /// <summary>Weights that stay on the host whatever is offloaded (token embeddings and other inputs).</summary>
    public Bytes InputWeights { get; init; }

    /// <summary>The copy of tied token embeddings in layer L; 0 where the output has weights of its own.</summary>
    public Bytes TiedOutputWeights { get; init; }

    /// <summary>Weights that every device holding blocks has a copy of (<c>rope_freqs</c>).</summary>
    public Bytes SharedWeights { get; init; }

    /// <summary>What each of the L blocks remembers.</summary>
    public ImmutableArray<LayerKind> LayerKinds { get; init; } = [];

    /// <summary>Key and value heads of each of the L blocks.</summary>
    public ImmutableArray<int> KeyValueHeads { get; init; } = [];

    /// <summary>The most key and value heads of any block.</summary>
    [JsonIgnore]
    public long LargestKeyValueHeads
    {
        get
        {
            long largest = 0;
            foreach (int heads in KeyValueHeads)
            {
                largest = Math.Max(largest, heads);
            }

            return largest;
        }
    }

    /// <summary>Query heads, H (the largest of any block).</summary>
    public int HeadCount { get; init; }

    /// <summary>Elements of a key head, dk.</summary>
    public int KeyLength { get; init; }

    /// <summary>Elements of a value head, dv.</summary>
    public int ValueLength { get; init; }

    /// <summary>Elements of a key head of sliding-window blocks; 0: as many as elsewhere.</summary>
    public int WindowKeyLength { get; init; }

    /// <summary>Elements of a value head of sliding-window blocks; 0: as many as elsewhere.</summary>
    public int WindowValueLength { get; init; }

    /// <summary>Elements of all value heads of one token, of the block that has most.</summary>
    [JsonIgnore]
    public long LargestValueRow
    {
        get
        {
            long largest = 0;
            for (int block = 0; block < KeyValueHeads.Length; block++)
            {
                largest = Math.Max(largest, (long)KeyValueHeads[block] * ValueLengthOf(block));
            }

            return largest;
        }
    }

    /// <summary>Embedding length, E.</summary>
    public int EmbeddingLength { get; init; }

    /// <summary>Feed-forward length of a dense block, F (the largest of any block).</summary>
    public int FeedForwardLength { get; init; }

    /// <summary>Feed-forward length of one expert, X; 0 for a dense model.</summary>
    public int ExpertFeedForwardLength { get; init; }

    /// <summary>Experts of a mixture; 0 for a dense model.</summary>
    public int ExpertCount { get; init; }

    /// <summary>Experts used per token, k.</summary>
    public int ExpertUsedCount { get; init; }

    /// <summary>Groups that experts are chosen by (DeepSeek V3); 0 or 1 without groups.</summary>
    public int ExpertGroups { get; init; }

    /// <summary>Groups that are used per token.</summary>
    public int ExpertGroupsUsed { get; init; }

    /// <summary>What the blocks compute: their distinct shapes. Empty: a shape is derived from the other facts.</summary>
    public ImmutableArray<BlockShape> BlockShapes { get; init; } = [];

    /// <summary>Which of <see cref="BlockShapes"/> each of the L blocks has.</summary>
    public ImmutableArray<int> BlockShapeIndices { get; init; } = [];

    /// <summary>The shape of a block.</summary>
    public BlockShape ShapeOf(int block) => BlockShapes.IsDefaultOrEmpty ? Derived(block) : BlockShapes[BlockShapeIndices[block]];

    /// <summary>Elements of a key head of a block.</summary>
    public int KeyLengthOf(int block) => WindowKeyLength > 0 && HasWindow(block) ? WindowKeyLength : KeyLength;

    /// <summary>Elements of a value head of a block.</summary>
    public int ValueLengthOf(int block) => WindowValueLength > 0 && HasWindow(block) ? WindowValueLength : ValueLength;

    /// <summary>Whether a block attends to a sliding window, in a cache of its own or another's.</summary>
    public bool HasWindow(int block) => LayerKinds[block] is LayerKind.SlidingWindow or LayerKind.SharedSlidingWindow;

    /// <summary>Blocks that add a part of the embeddings, which are so many times wider (Qwen3-VL).</summary>
    [JsonIgnore]
    public int BlocksThatAddEmbeddings
    {
        get
        {
            int count = 0;
            for (int block = 0; block < BlockCount && !BlockShapes.IsDefaultOrEmpty; block++)
            {
                count += ShapeOf(block).AddsEmbedding ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>Rows of the token embedding, V.</summary>
    public int VocabularySize { get; init; }

    /// <summary>Tokens of the sliding window; 0 when no layer has one.</summary>
    public int SlidingWindow { get; init; }

    /// <summary>Multi-head latent attention; null for other models.</summary>
    public LatentAttention? LatentAttention { get; init; }

    /// <summary>What chooses the tokens that latent attention attends to; null where it attends to all.</summary>
    public SparseIndexer? SparseIndexer { get; init; }

    /// <summary>Recurrent state; null for models without it.</summary>
    public RecurrentState? RecurrentState { get; init; }

    /// <summary>False when the formulas have not been checked on this architecture; estimates are upper bounds then.</summary>
    public bool KnownArchitecture { get; init; } = true;

    private BlockShape Derived(int block) => new()
    {
        Heads = HeadCount,
        KeyValueHeads = KeyValueHeads[block],
        KeyLength = KeyLengthOf(block),
        ValueLength = ValueLengthOf(block),
        FeedForward = ExpertCount > 0 ? 0 : FeedForwardLength,
        Gated = true,
        Experts = ExpertCount,
        ExpertFeedForward = ExpertFeedForwardLength,
        Recurrence = LayerKinds[block] != LayerKind.Recurrent ? RecurrenceKind.None : RecurrentState is { Groups: > 0 } ? RecurrenceKind.Mamba2 : RecurrenceKind.Mamba,
        TimeStepRank = (EmbeddingLength + 15) / 16,
    };
}
