using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>The indexer of sparse attention: stores a small key per token, scores all of them, and lets only the best through the mask.</summary>
internal sealed class SparseIndexerGraph(ComputeGraph graph, SparseIndexer indexer, GraphInputs inputs, int streams, int device)
{
    private readonly CacheInputs _cache = inputs.Index!;

    /// <summary>Stores the keys.</summary>
    public void Store(GraphTensor current)
    {
        GraphTensor key = MultiplyMatrix(Weight(device), current, indexer.KeyLength);
        GraphTensor normal = InPlace(InPlace(Compute(GraphElement.F32, key.Shape, key), Weight(device)), Weight(device));
        GraphTensor turned = Turn(Reshape(normal, indexer.KeyLength, 1, current.Shape.N1));
        GraphTensor keys = Cache(device);
        graph.Expand(WriteInto(keys, Reshape(turned, indexer.KeyLength, current.Shape.N1), _cache.KeyRows, keys));
    }

    /// <summary>The mask of attention, with all tokens but the chosen ones masked.</summary>
    /// <param name="current">The block's normalised input.</param>
    /// <param name="compressed">Compressed queries.</param>
    public GraphTensor Mask(GraphTensor current, GraphTensor compressed)
    {
        long tokens = current.Shape.N1;
        long perStream = tokens / streams;
        GraphTensor query = MultiplyMatrix(Weight(device), compressed, (long)indexer.Heads * indexer.KeyLength);
        query = Turn(Reshape(query, indexer.KeyLength, indexer.Heads, tokens));
        query = Reshape(query, indexer.KeyLength, indexer.Heads, perStream, streams);
        GraphTensor weights = MultiplyMatrix(Weight(device), current, indexer.Heads);
        weights = InPlace(Reshape(weights, indexer.Heads, perStream, 1, streams));
        GraphTensor keys = Cache(device);
        GraphTensor scores = Compute(
            GraphElement.F32, (_cache.Cells, perStream, 1, streams), query, View(keys, keys.Shape, keys.Strides), weights, _cache.Mask);
        long chosen = Math.Min(_cache.Cells, indexer.Chosen);
        GraphTensor best = Contiguous(Compute(GraphElement.I32, (chosen, perStream, 1, streams), scores));

        GraphTensor all = inputs.Full!.Mask;
        GraphTensor closed = InPlace(all);
        GraphTensor cells = Reshape(closed, 1, _cache.Cells, perStream, streams);
        GraphTensor open = InPlace(Blank(GraphElement.F32, 1, chosen, perStream, streams));
        GraphTensor written = WriteInto(cells, open, Reshape(best, chosen, perStream, streams), cells);
        return InPlace(Reshape(written, _cache.Cells, perStream, 1, streams), all);
    }

    /// <summary>Rotary positions, and the rotation that spreads outliers.</summary>
    private GraphTensor Turn(GraphTensor heads)
    {
        GraphTensor placed = Rope(heads, inputs.Positions);
        return _cache.KeyRotation is { } rotation ? Compute(GraphElement.F32, placed.Shape, rotation, placed) : placed;
    }
}
