using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>Multi-head latent attention (DeepSeek): queries are brought into the space of the compressed rows, and results back.</summary>
internal sealed class LatentAttentionGraph(
    AttentionGraph attention, BlockShape shape, LatentAttention latent, GraphInputs inputs, int device, bool rotates, Func<GraphTensor, int, GraphTensor> norm)
{
    /// <summary>What chooses the tokens that are attended to; null where all are.</summary>
    public SparseIndexerGraph? Indexer { get; init; }

    /// <summary>What attention adds to the residual: [embedding length, tokens].</summary>
    public GraphTensor Attend(GraphTensor current)
    {
        (long width, long tokens, _, _) = current.Shape;
        long heads = shape.Heads;
        long rotary = latent.RotaryLength;
        long plain = latent.KeyLength - rotary;
        Indexer?.Store(current);
        GraphTensor from = shape.QueryRank > 0 ? norm(MultiplyMatrix(Weight(device), current, shape.QueryRank), device) : current;
        GraphTensor query = MultiplyMatrix(Weight(device), from, heads * latent.KeyLength);
        GraphTensor plainQuery = Part(query, plain, heads, tokens, latent.KeyLength);
        GraphTensor rotaryQuery = Part(query, rotary, heads, tokens, latent.KeyLength);
        GraphTensor both = MultiplyMatrix(Weight(device), current, latent.Rank + rotary);
        GraphTensor rows = View(both, (latent.Rank, tokens, 1, 1), both.Strides);
        GraphTensor rotaryKey = Part(both, rotary, 1, tokens, latent.Rank + rotary);
        if (rotates)
        {
            rotaryQuery = Rope(rotaryQuery, inputs.Positions);
            rotaryKey = Rope(rotaryKey, inputs.Positions);
        }

        rows = norm(rows, device);

        GraphTensor absorbed = MultiplyMatrix(Weight(device), SwapHeadsAndTokens(plainQuery), latent.Rank);
        GraphTensor fullQuery = Compute(GraphElement.F32, (latent.Rank + rotary, heads, tokens, 1), SwapHeadsAndTokens(absorbed), rotaryQuery);
        GraphTensor value = Reshape(rows, latent.Rank, 1, tokens);
        GraphTensor key = Compute(GraphElement.F32, (latent.Rank + rotary, 1, tokens, 1), value, rotaryKey);
        return MultiplyMatrix(Weight(device), attention.Latent(fullQuery, key, value, latent.ValueLength, Indexer?.Mask(current, from)), width);
    }

    private static GraphTensor Part(GraphTensor tensor, long length, long heads, long tokens, long headLength) => View(
        tensor,
        (length, heads, tokens, 1),
        (tensor.Strides.B0, headLength * tensor.Strides.B0, headLength * heads * tensor.Strides.B0, headLength * heads * tokens * tensor.Strides.B0));
}
