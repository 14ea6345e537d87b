namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>What the server fills in before a graph runs. Each is on the host, and is copied to every device that reads it.</summary>
internal sealed class GraphInputs
{
    public required GraphTensor Positions { get; init; }

    /// <summary>What queries are scaled by, position by position; null where they are not.</summary>
    public GraphTensor? PositionScale { get; init; }

    public required GraphTensor OutputRows { get; init; }

    /// <summary>The embeddings, where blocks add more of them; null elsewhere.</summary>
    public GraphTensor? Embeddings { get; init; }

    /// <summary>Embeddings of each block; null without them.</summary>
    public PerLayerInputs? PerLayer { get; init; }

    /// <summary>Of full caches.</summary>
    public required CacheInputs? Full { get; init; }

    /// <summary>Of sliding-window caches; null without them.</summary>
    public CacheInputs? Window { get; init; }

    /// <summary>Of the indexer's caches (sparse attention); null without one.</summary>
    public CacheInputs? Index { get; init; }

    /// <summary>Which recurrent states go on; null without recurrent blocks.</summary>
    public GraphTensor? States { get; init; }

    /// <summary>Those of the sequences in the batch.</summary>
    public GraphTensor? OwnStates { get; init; }

    /// <summary>Those of other sequences.</summary>
    public GraphTensor? OtherStates { get; init; }
}

/// <summary>What attention over one kind of cache reads: which rows are written, which are seen, and the rotations of quantized caches.</summary>
internal sealed record CacheInputs
{
    public required long Cells { get; init; }

    public required GraphTensor KeyRows { get; init; }

    /// <summary>Null where values are part of the keys' rows (latent attention).</summary>
    public GraphTensor? ValueRows { get; init; }

    public required GraphTensor Mask { get; init; }

    /// <summary>The rotation of keys and queries of a quantized cache; null otherwise.</summary>
    public GraphTensor? KeyRotation { get; init; }

    public GraphTensor? ValueRotation { get; init; }
}
