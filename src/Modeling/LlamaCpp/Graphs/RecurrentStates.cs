using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// The states of one recurrent block, as its graph reads and writes them. Each sequence has a row; rows of sequences that are not in
/// the batch are put back where they were.
/// </summary>
internal sealed class RecurrentStates(ComputeGraph graph, GraphInputs inputs, int sequences, int device)
{
    /// <summary>Sequences in the batch.</summary>
    public long Sequences { get; } = sequences;

    /// <summary>The rows of the batch's sequences: [row, sequences].</summary>
    public GraphTensor Read(long row)
    {
        GraphTensor cache = Cleared();
        GraphTensor rows = GetRows(cache, inputs.States!, row);
        GraphTensor own = View(rows, (row, Sequences, 1, 1), rows.Strides);
        graph.Expand(own);
        graph.Expand(WriteInto(cache, View(rows, (row, 0, 1, 1), rows.Strides), View(cache, cache.Shape, cache.Strides)));
        return own;
    }

    /// <summary>A cache whose new sequences start from zero.</summary>
    public GraphTensor Cleared()
    {
        GraphTensor cache = Cache(device);
        graph.Expand(WriteInto(cache, View(cache, cache.Shape, cache.Strides)));
        return cache;
    }

    /// <summary>Puts back the rows of other sequences where a scan reads its own by itself: then the rows of all but one are fetched.</summary>
    public void KeepOthers(GraphTensor cache, long row)
    {
        GraphTensor others = GetRows(cache, inputs.OtherStates!, row);
        Write(View(others, (row, 0, 1, 1), others.Strides), cache);
    }

    /// <summary>Writes the batch's new rows.</summary>
    public void Write(GraphTensor rows) => Write(rows, Cache(device));

    /// <summary>Writes rows into a cache that was read before.</summary>
    public void Write(GraphTensor rows, GraphTensor cache) => graph.Expand(WriteInto(cache, rows, View(cache, cache.Shape, cache.Strides)));

    /// <summary>
    /// Convolves columns of a sequence with those before them: [channels, tokens, sequences]. The window's new end is kept.
    /// </summary>
    /// <param name="window">What <see cref="Read"/> gave: <paramref name="length"/> − 1 columns a sequence.</param>
    /// <param name="columns">Channels along the first dimension, or <paramref name="transposed"/>.</param>
    /// <param name="length">Of the convolution.</param>
    /// <param name="transposed">Whether tokens come first already.</param>
    public GraphTensor Convolve(GraphTensor window, GraphTensor columns, long length, bool transposed = false)
    {
        GraphTensor sequence = transposed ? columns : Transpose(columns);
        (long tokens, long channels, _, _) = sequence.Shape;
        GraphTensor before = Reshape(window, length - 1, channels, Sequences);
        GraphTensor joined = Compute(GraphElement.F32, (length - 1 + tokens, channels, Sequences, 1), before, sequence);
        Write(View(joined, (length - 1, channels, Sequences, 1), joined.Strides));
        return Compute(GraphElement.F32, (channels, tokens, Sequences, 1), joined, Weight(device));
    }
}
