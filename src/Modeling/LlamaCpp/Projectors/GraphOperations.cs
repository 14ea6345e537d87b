using GpuStack.Modeling.LlamaCpp.Graphs;

namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>
/// The operations of a tower's graph, reduced to the memory of their results: a tensor has one dimension here, of so many
/// elements of 32 bits unless said otherwise. That suffices because ggml takes over a tensor's memory, never that of a view.
/// </summary>
internal static class GraphOperations
{
    public static GraphTensor Weight() => ComputeGraph.Weight(backend: 0);

    /// <summary>A view of a weight that is no longer contiguous.</summary>
    public static GraphTensor WeightView() => View(Weight(), 1);

    /// <summary>A result with memory of its own.</summary>
    public static GraphTensor New(long elements, params GraphTensor[] sources) => ComputeGraph.Compute(GraphElement.F32, (elements, 1, 1, 1), sources);

    /// <summary>A result in half precision.</summary>
    public static GraphTensor Half(long elements, params GraphTensor[] sources) => ComputeGraph.Compute(GraphElement.F16, (elements, 1, 1, 1), sources);

    /// <summary>An operation that may overwrite its first operand, or another of the same layout.</summary>
    public static GraphTensor InPlace(GraphTensor first, params GraphTensor[] others) => ComputeGraph.InPlace(first, others);

    /// <summary>The product of a weight and <paramref name="input"/>, with so many elements.</summary>
    public static GraphTensor Multiply(long elements, GraphTensor input, bool bias = false)
    {
        GraphTensor product = New(elements, Weight(), input);
        return bias ? Scale(product) : product;
    }

    /// <summary>Adds or multiplies a weight.</summary>
    public static GraphTensor Scale(GraphTensor input) => InPlace(input, Weight());

    public static GraphTensor View(GraphTensor source) => View(source, source.Elements);

    /// <summary>A view of a part, or in another order of dimensions.</summary>
    public static GraphTensor View(GraphTensor source, long elements) => ComputeGraph.Reshape(source, elements);

    /// <summary>Copies a permuted tensor, so that its rows are contiguous again.</summary>
    public static GraphTensor Transposed(GraphTensor source) => New(source.Elements, View(source));

    /// <summary>A norm with its weight, and its bias where it has one; root-mean-square norms may work in place.</summary>
    public static GraphTensor Norm(GraphTensor input, bool bias, bool rootMeanSquare)
    {
        GraphTensor normed = Scale(rootMeanSquare ? InPlace(input) : New(input.Elements, input));
        return bias ? Scale(normed) : normed;
    }

    /// <summary>Two projections with an activation between them.</summary>
    public static GraphTensor FeedForward(GraphTensor input, long rows, long inner, long outer, bool gated, bool bias)
    {
        GraphTensor up = Multiply(rows * inner, input, bias);
        GraphTensor active = gated
            ? New(rows * inner, Multiply(rows * inner, input, bias), up)
            : InPlace(up);
        return Multiply(rows * outer, active, bias);
    }
}
