using System.Text.Json.Serialization;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// What one block computes, as far as its compute buffers depend on it: read from the shapes of its tensors, with the
/// architecture's rules where they do not tell. Most models have one to four distinct shapes.
/// </summary>
public sealed record BlockShape
{
    /// <summary>Query heads; 0 without attention.</summary>
    public int Heads { get; init; }

    /// <summary>Key and value heads.</summary>
    public int KeyValueHeads { get; init; }

    /// <summary>Elements of a key head.</summary>
    public int KeyLength { get; init; }

    /// <summary>Elements of a value head.</summary>
    public int ValueLength { get; init; }

    /// <summary>Queries, keys and values come from one matrix.</summary>
    public bool FusedQueryKeyValue { get; init; }

    /// <summary>Queries, keys and values have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Each head's query and key are normalised.</summary>
    public bool HeadNorms { get; init; }

    /// <summary>All heads' queries (and keys) are normalised as one row.</summary>
    public bool RowNorms { get; init; }

    /// <summary>Attention's output has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Attention sinks.</summary>
    public bool Sinks { get; init; }

    /// <summary>Attention's output is gated (its query matrix has twice the rows, or there is a gate matrix).</summary>
    public bool OutputGate { get; init; }

    /// <summary>Each query comes with a gate for its head's result: the query matrix has twice the rows (Qwen3-Next).</summary>
    public bool GatedQueries { get; init; }

    /// <summary>Attention's result is gated by a matrix of its own.</summary>
    public bool GateMatrix { get; init; }

    /// <summary>There is no value matrix: values are keys before their norm.</summary>
    public bool ValuesFromKeys { get; init; }

    /// <summary>Norms have biases.</summary>
    public bool NormBias { get; init; }

    /// <summary>A norm before attention.</summary>
    public bool AttentionNorm { get; init; } = true;

    /// <summary>Attention's input has a norm of its own, besides that of a feed-forward part beside it (Falcon 40B).</summary>
    public bool SecondAttentionNorm { get; init; }

    /// <summary>Attention and feed-forward part follow each other, although the architecture's are mostly parallel (GPT-NeoX).</summary>
    public bool Sequential { get; init; }

    /// <summary>A norm between attention and the residual.</summary>
    public bool PostAttentionNorm { get; init; }

    /// <summary>A norm before the feed-forward part.</summary>
    public bool FeedForwardNorm { get; init; } = true;

    /// <summary>A norm between the feed-forward part and the residual.</summary>
    public bool PostFeedForwardNorm { get; init; }

    /// <summary>Feed-forward length of the dense part; 0 without one.</summary>
    public int FeedForward { get; init; }

    /// <summary>The feed-forward part has a gate matrix.</summary>
    public bool Gated { get; init; }

    /// <summary>Gate and up projection are one matrix.</summary>
    public bool FusedGate { get; init; }

    /// <summary>The feed-forward part has biases.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>Experts; 0 for a dense block.</summary>
    public int Experts { get; init; }

    /// <summary>Feed-forward length of one expert.</summary>
    public int ExpertFeedForward { get; init; }

    /// <summary>Experts have a gate matrix.</summary>
    public bool GatedExperts { get; init; } = true;

    /// <summary>Experts' gate and up projection are one matrix.</summary>
    public bool FusedExpertGate { get; init; }

    /// <summary>Experts and router have biases.</summary>
    public bool ExpertBias { get; init; }

    /// <summary>The router's choice has a bias (DeepSeek V3).</summary>
    public bool SelectionBias { get; init; }

    /// <summary>Feed-forward length of the shared expert; 0 without one.</summary>
    public int SharedFeedForward { get; init; }

    /// <summary>The shared expert's output is gated.</summary>
    public bool SharedGate { get; init; }

    /// <summary>Rank of the queries of latent attention; 0 where they are not compressed.</summary>
    public int QueryRank { get; init; }

    /// <summary>Experts and dense part read the same residual and are added up, each with norms of its own (Gemma 4).</summary>
    public bool ExpertsBesideDense { get; init; }

    /// <summary>Each expert's output is scaled.</summary>
    public bool ScaledExperts { get; init; }

    /// <summary>Elements of the block's own embedding of each token (Gemma 3n); 0 without one.</summary>
    public int PerLayerEmbedding { get; init; }

    /// <summary>Alternating updates: copies of the residual (Gemma 3n); 0 for the usual single one.</summary>
    public int Residuals { get; init; }

    /// <summary>Rank of the learned residual (Gemma 3n).</summary>
    public int ResidualRank { get; init; }

    /// <summary>The block's result is scaled by a weight.</summary>
    public bool ScaledResult { get; init; }

    /// <summary>A part of the (wider) embeddings is added to the block's result (Qwen3-VL).</summary>
    public bool AddsEmbedding { get; init; }

    /// <summary>The block's recurrence, instead of or besides attention.</summary>
    public RecurrenceKind Recurrence { get; init; }

    /// <summary>Rank of the time step (Mamba), of decay and gate (Kimi delta attention), or heads of the state (Mamba 2, delta net).</summary>
    public int TimeStepRank { get; init; }

    /// <summary>Step, input and output of a scan are normalised.</summary>
    public bool StepNorms { get; init; }

    /// <summary>These norms have weights.</summary>
    public bool StepNormWeights { get; init; }

    /// <summary>The convolution has a bias.</summary>
    public bool ConvolutionBias { get; init; }

    /// <summary>The two rates of a delta net come from two matrices.</summary>
    public bool SeparateRates { get; init; }

    /// <summary>Ranks of a time mix; null for other blocks.</summary>
    public TimeMixShape? TimeMix { get; init; }

    /// <summary>The scan's result is normalised.</summary>
    public bool RecurrentNorm { get; init; }

    /// <summary>Whether there is attention.</summary>
    [JsonIgnore]
    public bool Attends => Heads > 0;
}
