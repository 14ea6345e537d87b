using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>The recurrent part of a block: a convolution over a short window, and a scan over a state (Mamba, Mamba 2).</summary>
internal sealed class RecurrentGraph(ComputeGraph graph, BlockShape shape, RecurrentState state, RecurrentStates states, GraphInputs inputs, int device)
{
    private readonly long _sequences = states.Sequences;

    /// <summary>What the block adds to its residual: [embedding length, tokens].</summary>
    public GraphTensor Add(GraphTensor current)
    {
        (long width, long tokens, _, _) = current.Shape;
        return shape.Recurrence == RecurrenceKind.Mamba
            ? Reshape(Mamba(Reshape(current, width, tokens / _sequences, _sequences)), width, tokens)
            : Mamba2(current);
    }

    private GraphTensor Mamba(GraphTensor current)
    {
        (_, long tokens, long sequences, _) = current.Shape;
        long inner = state.InnerSize;
        GraphTensor window = states.Read((state.Convolution - 1) * inner);
        GraphTensor both = MultiplyMatrix(Weight(device), current, 2 * inner);
        GraphTensor scanned = InPlace(Convolve(window, Columns(both, inner)));
        GraphTensor gate = Columns(both, inner);

        GraphTensor projected = MultiplyMatrix(Weight(device), scanned, shape.TimeStepRank + (2L * state.StateSize));
        GraphTensor step = Columns(projected, shape.TimeStepRank);
        GraphTensor input = View(projected, (state.StateSize, 1, tokens, sequences), (4, 4L * state.StateSize, projected.Strides.B1, projected.Strides.B2));
        GraphTensor output = View(projected, (state.StateSize, 1, tokens, sequences), (4, 4L * state.StateSize, projected.Strides.B1, projected.Strides.B2));
        if (shape.StepNorms)
        {
            step = Normal(step);
            input = Normal(input);
            output = Normal(output);
        }

        step = InPlace(MultiplyMatrix(Weight(device), step, inner), Weight(device));
        GraphTensor seen = Reshape(scanned, 1, inner, tokens, sequences);
        GraphTensor after = Scan(seen, step, input, output, inner);
        GraphTensor result = View(after, (inner, tokens, sequences, 1), scanned.Strides);
        result = InPlace(result, InPlace(scanned, Weight(device)));
        result = Compute(GraphElement.F32, result.Shape, Contiguous(gate), result);
        return MultiplyMatrix(Weight(device), result, current.Shape.N0);

        // A norm with a weight, or without one where the architecture has none (Falcon Mamba).
        GraphTensor Normal(GraphTensor tensor) => shape.StepNormWeights ? InPlace(InPlace(tensor), Weight(device)) : InPlace(tensor);
    }

    private GraphTensor Mamba2(GraphTensor current)
    {
        long sequences = _sequences;
        long tokens = current.Shape.N1 / sequences;
        long inner = state.InnerSize;
        long heads = Math.Max(1, shape.TimeStepRank);
        long groups = Math.Max(1, state.Groups);
        long length = inner / heads;
        long convolved = inner + (2 * groups * state.StateSize);
        GraphTensor window = states.Read((state.Convolution - 1) * convolved);
        long rows = inner + convolved + heads;
        GraphTensor all = Reshape(MultiplyMatrix(Weight(device), current, rows), rows, tokens, sequences);
        GraphTensor gate = View(all, (length, heads, tokens, sequences), (4, 4 * length, all.Strides.B1, all.Strides.B2));
        GraphTensor step = Columns(all, heads);
        GraphTensor mixed = InPlace(Convolve(window, Columns(all, convolved)));
        GraphTensor seen = View(mixed, (length, heads, tokens, sequences), (4, 4 * length, mixed.Strides.B1, mixed.Strides.B2));
        GraphTensor input = View(mixed, (state.StateSize, groups, tokens, sequences), (4, 4L * state.StateSize, mixed.Strides.B1, mixed.Strides.B2));
        GraphTensor output = View(mixed, (state.StateSize, groups, tokens, sequences), (4, 4L * state.StateSize, mixed.Strides.B1, mixed.Strides.B2));
        step = InPlace(Contiguous(step), Weight(device));

        GraphTensor after = Scan(seen, step, input, output, inner);
        GraphTensor result = View(after, seen.Shape, (4, 4 * length, 4 * inner, 4 * inner * tokens));
        result = InPlace(result, InPlace(seen, Weight(device)));
        result = Compute(GraphElement.F32, result.Shape, Contiguous(gate), result);
        if (shape.RecurrentNorm)
        {
            result = Reshape(result, inner / groups, groups, tokens, sequences);
            result = InPlace(InPlace(result), Weight(device));
        }

        result = Reshape(result, inner, tokens * sequences);
        return MultiplyMatrix(Weight(device), result, current.Shape.N0);
    }

    private GraphTensor Convolve(GraphTensor window, GraphTensor columns)
    {
        GraphTensor convolved = states.Convolve(window, columns, state.Convolution);
        return shape.ConvolutionBias ? InPlace(convolved, Weight(device)) : convolved;
    }

    /// <summary>Scans the sequence; the result holds what comes out and the new states, one after the other.</summary>
    private GraphTensor Scan(GraphTensor seen, GraphTensor step, GraphTensor input, GraphTensor output, long inner)
    {
        long row = state.StateSize * inner;
        GraphTensor cache = states.Cleared();
        GraphTensor scanned = Compute(
            GraphElement.F32, (seen.Elements + (row * _sequences), 1, 1, 1), View(cache, cache.Shape, cache.Strides), seen, step, Weight(device), input, output, inputs.OwnStates!);
        graph.Expand(scanned);

        states.KeepOthers(cache, row);
        states.Write(Reshape(scanned, row * _sequences), cache);
        return scanned;
    }

    private static GraphTensor Columns(GraphTensor tensor, long columns) =>
        View(tensor, (columns, tensor.Shape.N1, tensor.Shape.N2, 1), tensor.Strides);
}
