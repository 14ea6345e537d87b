using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// Kimi delta attention (Kimi Linear): a delta net whose queries, keys and values have convolutions of their own, and whose state
/// forgets at a rate per element.
/// </summary>
internal sealed class KimiDeltaGraph(BlockShape shape, RecurrentState state, RecurrentStates states, int device)
{
    /// <summary>What the block adds to its residual: [embedding length, tokens].</summary>
    public GraphTensor Add(GraphTensor current)
    {
        (long width, long all, _, _) = current.Shape;
        long sequences = states.Sequences;
        long tokens = all / sequences;
        long inner = state.InnerSize;
        long length = Math.Max(1, state.StateSize);
        long heads = inner / length;

        GraphTensor window = states.Read(3 * (state.Convolution - 1) * inner);
        GraphTensor query = Convolved();
        GraphTensor key = Convolved();
        GraphTensor value = Convolved();
        GraphTensor before = Reshape(states.Read(length * inner), length, length, heads, sequences);
        query = Normal(Heads(Active(query)));
        key = Normal(Heads(Active(key)));
        value = Heads(Active(value));

        GraphTensor decay = InPlace(InPlace(LowRank(current), Weight(device)));
        decay = Heads(InPlace(Heads(decay), Weight(device)));
        GraphTensor beta = InPlace(Reshape(MultiplyMatrix(Weight(device), current, heads), 1, heads, tokens, sequences));
        GraphTensor result = Compute(GraphElement.F32, (inner, all + (length * sequences), 1, 1), query, key, value, decay, beta, before);
        states.Write(View(result, before.Shape, before.Strides));

        GraphTensor output = Contiguous(View(result, value.Shape, value.Strides));
        GraphTensor normal = InPlace(InPlace(Heads(output)), Weight(device));
        GraphTensor gate = InPlace(Heads(LowRank(Reshape(current, width, all))));
        GraphTensor gated = Contiguous(InPlace(normal, gate), (inner, all, 1, 1));
        return MultiplyMatrix(Weight(device), gated, width);

        GraphTensor Convolved()
        {
            GraphTensor projected = Reshape(MultiplyMatrix(Weight(device), current, inner), inner, tokens, sequences);
            return states.Convolve(window, projected, state.Convolution);
        }

        GraphTensor Active(GraphTensor convolved) => InPlace(Reshape(convolved, inner, all));

        GraphTensor Heads(GraphTensor tensor) => Reshape(tensor, length, heads, tokens, sequences);

        // A norm to length 1 is a mean of squares, and a scale.
        static GraphTensor Normal(GraphTensor tensor) => InPlace(InPlace(tensor));

        GraphTensor LowRank(GraphTensor tensor) => MultiplyMatrix(Weight(device), MultiplyMatrix(Weight(device), tensor, shape.TimeStepRank), inner);
    }
}
