namespace GpuStack.Modeling.Tests.Samples;

/// <summary>A model of <c>samples/models/catalogue.json</c>: its public hyper-parameters, and the files to make of it.</summary>
internal sealed record SampleModel
{
    public required string Owner { get; init; }

    public required string Repo { get; init; }

    public required string Name { get; init; }

    public required string Architecture { get; init; }

    public required int Blocks { get; init; }

    public required int Embedding { get; init; }

    public required int FeedForward { get; init; }

    public required int Heads { get; init; }

    public required int KeyValueHeads { get; init; }

    public int HeadLength { get; init; }

    public required int Vocabulary { get; init; }

    public required int Context { get; init; }

    public required float RopeBase { get; init; }

    public required float NormEpsilon { get; init; }

    public bool RopeFactors { get; init; }

    public bool TiedEmbeddings { get; init; }

    public bool AttentionBias { get; init; }

    public bool HeadNorms { get; init; }

    public bool StatedHeadLength { get; init; }

    /// <summary>llama.cpp gives the shared value projections of models of this size a better type.</summary>
    public bool SeventyBillion { get; init; }

    public int Experts { get; init; }

    public int ExpertsUsed { get; init; }

    public int ExpertFeedForward { get; init; }

    public int SharedExperts { get; init; }

    public int DenseBlocks { get; init; }

    public SampleLatentAttention? Latent { get; init; }

    /// <summary>File type by file name.</summary>
    public required Dictionary<string, string> Files { get; init; }
}

/// <summary>The latent attention of a sample model (DeepSeek).</summary>
internal sealed record SampleLatentAttention(int QueryRank, int KeyValueRank, int PlainLength, int RotaryLength, int ValueLength);
