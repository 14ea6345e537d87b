using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>A gated convolution over the last few tokens (LFM2): its input comes in three parts, two of them gates.</summary>
internal sealed class ShortConvolutionGraph(RecurrentState state, RecurrentStates states, int device)
{
    /// <summary>What the block adds to its residual: [embedding length, tokens].</summary>
    public GraphTensor Add(GraphTensor current)
    {
        (long width, long all, _, _) = current.Shape;
        long sequences = states.Sequences;
        GraphTensor window = states.Read((state.Convolution - 1L) * width);
        GraphTensor parts = MultiplyMatrix(Weight(device), Reshape(current, width, all / sequences, sequences), 3 * width);
        GraphTensor convolved = states.Convolve(window, InPlace(Part(), Part()), state.Convolution);
        GraphTensor result = MultiplyMatrix(Weight(device), InPlace(Part(), convolved), width);
        return Reshape(result, width, all);

        GraphTensor Part() => View(parts, (width, all / sequences, sequences, 1), parts.Strides);
    }
}
