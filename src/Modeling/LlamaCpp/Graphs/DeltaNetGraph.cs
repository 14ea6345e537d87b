using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// A gated delta net (Qwen3-Next): queries, keys and values come out of one convolution, and a state per value head, a matrix, is
/// corrected by each token's error.
/// </summary>
internal sealed class DeltaNetGraph(BlockShape shape, RecurrentState state, RecurrentStates states, int device)
{
    /// <summary>What the block adds to its residual: [embedding length, tokens].</summary>
    public GraphTensor Add(GraphTensor current)
    {
        (long width, long all, _, _) = current.Shape;
        long sequences = states.Sequences;
        long tokens = all / sequences;
        long length = state.StateSize;
        long keys = Math.Max(1, state.Groups);
        long values = Math.Max(keys, shape.TimeStepRank);
        long channels = state.InnerSize + (2 * keys * length);

        GraphTensor window = states.Read((state.Convolution - 1) * channels);
        GraphTensor projected = Reshape(MultiplyMatrix(Weight(device), current, channels), channels, tokens, sequences);
        GraphTensor convolved = states.Convolve(window, projected, state.Convolution);
        GraphTensor before = Reshape(states.Read(length * state.InnerSize), length, length, values, sequences);
        GraphTensor mixed = InPlace(convolved);
        GraphTensor query = Repeated(Normal(Heads(keys)));
        GraphTensor key = Repeated(Normal(Heads(keys)));
        GraphTensor value = Heads(values);

        (GraphTensor alpha, GraphTensor beta) = Rates(current, tokens);
        GraphTensor gate = InPlace(InPlace(InPlace(alpha, Weight(device))), Weight(device));
        GraphTensor result = Compute(
            GraphElement.F32,
            (state.InnerSize, all + (length * sequences), 1, 1),
            query, key, value, Reshape(gate, 1, values, tokens, sequences), Reshape(InPlace(beta), 1, values, tokens, sequences), before);
        states.Write(View(result, before.Shape, before.Strides));

        GraphTensor output = View(result, value.Shape, GraphTensor.Contiguous(GraphElement.F32, value.Shape));
        GraphTensor normal = InPlace(InPlace(output), Weight(device));
        GraphTensor opened = InPlace(Reshape(MultiplyMatrix(Weight(device), current, state.InnerSize), length, values, tokens, sequences));
        GraphTensor final = Reshape(InPlace(normal, opened), state.InnerSize, tokens, sequences);
        return Reshape(MultiplyMatrix(Weight(device), final, width), width, all);

        GraphTensor Heads(long heads) => View(
            mixed, (length, heads, tokens, sequences), (mixed.Strides.B0, length * mixed.Strides.B0, mixed.Strides.B1, mixed.Strides.B2));

        // A norm to length 1 is a mean of squares, and a scale.
        GraphTensor Normal(GraphTensor heads) => InPlace(InPlace(heads));

        // Qwen 3.5 leaves it to the scan.
        GraphTensor Repeated(GraphTensor heads) => keys == values || shape.SeparateRates
            ? heads
            : Reshape(
                Compute(GraphElement.F32, (length, values / keys, keys, all), Reshape(heads, length, 1, keys, all)),
                length, values, tokens, sequences);
    }

    /// <summary>How fast each value head forgets and learns.</summary>
    private (GraphTensor Alpha, GraphTensor Beta) Rates(GraphTensor current, long tokens)
    {
        long sequences = states.Sequences;
        long keys = Math.Max(1, state.Groups);
        long values = Math.Max(keys, shape.TimeStepRank);
        if (shape.SeparateRates)
        {
            GraphTensor learned = Reshape(MultiplyMatrix(Weight(device), current, values), 1, values, tokens, sequences);
            return (Reshape(MultiplyMatrix(Weight(device), current, values), values, tokens, sequences), learned);
        }

        long perKey = values / keys;
        GraphTensor both = Reshape(MultiplyMatrix(Weight(device), current, 2 * values), 2 * perKey, keys, tokens, sequences);
        GraphTensor half = View(both, (perKey, keys, tokens, sequences), both.Strides);
        GraphTensor other = View(both, (perKey, keys, tokens, sequences), both.Strides);
        return (Contiguous(half, (values, tokens, sequences, 1)), other);
    }
}
