namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// A compute graph as ggml orders it: operations are made in any order, and come into the graph when a result that needs them
/// is expanded, sources first, from left to right. The order decides which tensors are alive at a time.
/// </summary>
internal sealed class ComputeGraph
{
    private readonly List<GraphTensor> _nodes = [];
    private readonly List<GraphTensor> _leaves = [];

    /// <summary>Operations, in the order in which they run.</summary>
    public IReadOnlyList<GraphTensor> Nodes => _nodes;

    /// <summary>Inputs, weights and caches that the operations use.</summary>
    public IReadOnlyList<GraphTensor> Leaves => _leaves;

    /// <summary>Puts a result, and all that it needs, into the graph.</summary>
    public GraphTensor Expand(GraphTensor tensor)
    {
        if (tensor.Ordered)
        {
            return tensor;
        }

        tensor.Ordered = true;
        foreach (GraphTensor source in tensor.Sources)
        {
            Expand(source);
        }

        (tensor.Operation == GraphOperation.None ? _leaves : _nodes).Add(tensor);
        return tensor;
    }

    public static GraphTensor Input(GraphElement element, long n0, long n1 = 1, long n2 = 1, long n3 = 1) => new()
    {
        Element = element,
        Operation = GraphOperation.None,
        Shape = (n0, n1, n2, n3),
        Strides = GraphTensor.Contiguous(element, (n0, n1, n2, n3)),
        IsInput = true,
    };

    /// <summary>Memory that an operation fills, and that is there from the start.</summary>
    public static GraphTensor Blank(GraphElement element, long n0, long n1 = 1, long n2 = 1, long n3 = 1) => new()
    {
        Element = element,
        Operation = GraphOperation.None,
        Shape = (n0, n1, n2, n3),
        Strides = GraphTensor.Contiguous(element, (n0, n1, n2, n3)),
    };

    /// <summary>A weight on a backend; its size does not matter here.</summary>
    public static GraphTensor Weight(int backend) => External(backend, weight: true);

    /// <summary>A cache, or a recurrent state, on a backend.</summary>
    public static GraphTensor Cache(int backend) => External(backend, weight: false);

    /// <summary>An operation whose result has a shape of its own.</summary>
    public static GraphTensor Compute(GraphElement element, (long N0, long N1, long N2, long N3) shape, params GraphTensor[] sources) => new()
    {
        Element = element,
        Operation = GraphOperation.Plain,
        Shape = shape,
        Strides = GraphTensor.Contiguous(element, shape),
        Sources = sources,
    };

    /// <summary>An operation whose result has its first source's shape and may lie in a source's place.</summary>
    public static GraphTensor InPlace(GraphTensor first, params GraphTensor[] others) => Same(GraphOperation.InPlace, first, others);

    public static GraphTensor Rope(GraphTensor rotated, params GraphTensor[] others) => Same(GraphOperation.Rope, rotated, others);

    public static GraphTensor FlashAttention((long N0, long N1, long N2, long N3) shape, params GraphTensor[] sources) => new()
    {
        Element = GraphElement.F32,
        Operation = GraphOperation.FlashAttention,
        Shape = shape,
        Strides = GraphTensor.Contiguous(GraphElement.F32, shape),
        Sources = sources,
    };

    /// <summary>weight × activations: <paramref name="rows"/> results for each of the activations' columns.</summary>
    public static GraphTensor MultiplyMatrix(GraphTensor weight, GraphTensor activations, long rows) =>
        Compute(GraphElement.F32, activations.Shape with { N0 = rows }, weight, activations);

    /// <summary>Rows of a table, chosen by indices: [row, count, …].</summary>
    public static GraphTensor GetRows(GraphTensor table, GraphTensor indices, long row) =>
        Compute(GraphElement.F32, (row, indices.Shape.N0, indices.Shape.N1, indices.Shape.N2), table, indices);

    /// <summary>A contiguous copy.</summary>
    public static GraphTensor Contiguous(GraphTensor source, (long N0, long N1, long N2, long N3)? shape = null) =>
        Compute(source.Element, shape ?? source.Shape, source);

    /// <summary>The bytes of a contiguous tensor in another shape.</summary>
    public static GraphTensor Reshape(GraphTensor source, long n0, long n1 = 1, long n2 = 1, long n3 = 1) =>
        View(source, (n0, n1, n2, n3), GraphTensor.Contiguous(source.Element, (n0, n1, n2, n3)));

    /// <summary>A part of a tensor's bytes, with strides of its own.</summary>
    public static GraphTensor View(
        GraphTensor source, (long N0, long N1, long N2, long N3) shape, (long B0, long B1, long B2, long B3) strides) => new()
        {
            Element = source.Element,
            Operation = GraphOperation.View,
            Shape = shape,
            Strides = strides,
            Sources = [source],
            ViewOf = source.ViewOf ?? source,
        };

    /// <summary>So many rows of a tensor, as ggml views them: what lies between the rows stays, outer strides follow from the shape.</summary>
    public static GraphTensor Part(GraphTensor source, long n0, long n1, long n2 = 1)
    {
        (long b0, long b1, _, _) = source.Strides;
        return View(source, (n0, n1, n2, 1), (b0, b1, b1 * n1, b1 * n1 * n2));
    }

    /// <summary>Dimensions 1 and 2 exchanged.</summary>
    public static GraphTensor SwapHeadsAndTokens(GraphTensor source) => View(
        source,
        (source.Shape.N0, source.Shape.N2, source.Shape.N1, source.Shape.N3),
        (source.Strides.B0, source.Strides.B2, source.Strides.B1, source.Strides.B3));

    /// <summary>Dimensions 0 and 1 exchanged.</summary>
    public static GraphTensor Transpose(GraphTensor source) => View(
        source,
        (source.Shape.N1, source.Shape.N0, source.Shape.N2, source.Shape.N3),
        (source.Strides.B1, source.Strides.B0, source.Strides.B2, source.Strides.B3));

    /// <summary>Writes into another tensor's bytes (a cache's rows, a copy's destination), and stands for them.</summary>
    public static GraphTensor WriteInto(GraphTensor destination, params GraphTensor[] sources) => new()
    {
        Element = destination.Element,
        Operation = GraphOperation.Plain,
        Shape = destination.Shape,
        Strides = destination.Strides,
        Sources = sources,
        ViewOf = destination.ViewOf ?? destination,
    };

    private static GraphTensor Same(GraphOperation operation, GraphTensor first, GraphTensor[] others) => new()
    {
        Element = first.Element,
        Operation = operation,
        Shape = first.Shape,
        Strides = GraphTensor.Contiguous(first.Element, first.Shape),
        Sources = [first, .. others],
    };

    private static GraphTensor External(int backend, bool weight) => new()
    {
        Element = GraphElement.F32,
        Operation = GraphOperation.None,
        Shape = (1, 1, 1, 1),
        Strides = (4, 4, 4, 4),
        Home = backend,
        IsWeight = weight,
    };
}
