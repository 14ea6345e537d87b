namespace GpuStack.Modeling.Transformers;

/// <summary>How tensor-parallel ranks share a weight.</summary>
public enum WeightSharding
{
    /// <summary>Each rank holds all of it (norms, routers, latent down-projections, …).</summary>
    Replicated,

    /// <summary>Each rank holds its part: rows or columns divided by the number of ranks.</summary>
    Split,

    /// <summary>Key and value projections: divided by the ranks, but never finer than one head; more ranks than heads hold copies.</summary>
    KeyValueHeads,

    /// <summary>Token embeddings and the output head: rows of the vocabulary, padded, then divided.</summary>
    Vocabulary,

    /// <summary>Experts of a mixture: divided within each expert, or by whole experts under expert parallelism.</summary>
    Experts,
}
