namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>The operations of a compute graph, reduced to the memory of their results. Sizes are in elements of 32 bits unless said otherwise.</summary>
internal static class GraphOperations
{
    public static GraphTensor Weight() => new() { Elements = 0, Bytes = 0, External = true, Layout = GraphTensor.Strided };

    /// <summary>A view of a weight that is no longer contiguous.</summary>
    public static GraphTensor WeightView()
    {
        GraphTensor weight = Weight();
        return new GraphTensor { Elements = 0, Bytes = 0, Sources = [weight], Root = weight, Layout = GraphTensor.Strided };
    }

    /// <summary>A result with memory of its own.</summary>
    public static GraphTensor New(long elements, params ReadOnlySpan<GraphTensor> sources) => Result(elements, sizeof(float), inPlace: false, sources);

    /// <summary>A result in half precision.</summary>
    public static GraphTensor Half(long elements, params ReadOnlySpan<GraphTensor> sources) => Result(elements, sizeof(float) / 2, inPlace: false, sources);

    /// <summary>An operation that may overwrite its first operand, or another of the same layout.</summary>
    public static GraphTensor InPlace(GraphTensor first, params ReadOnlySpan<GraphTensor> others) =>
        Result(first.Elements, sizeof(float), inPlace: true, [first, .. others]);

    /// <summary>The product of a weight and <paramref name="input"/>, with so many elements.</summary>
    public static GraphTensor Multiply(long elements, GraphTensor input, bool bias = false)
    {
        GraphTensor product = New(elements, Weight(), input);
        return bias ? Scale(product) : product;
    }

    /// <summary>Adds or multiplies a weight.</summary>
    public static GraphTensor Scale(GraphTensor input) => InPlace(input, Weight());

    public static GraphTensor View(GraphTensor source) => View(source, source.Elements);

    public static GraphTensor View(GraphTensor source, long elements) => new()
    {
        Elements = elements,
        Bytes = 0,
        Sources = [source],
        Root = source.Root ?? source,
        Layout = source.Layout == GraphTensor.Strided ? GraphTensor.Strided : elements,
    };

    /// <summary>A view in another order of dimensions.</summary>
    public static GraphTensor Permute(GraphTensor source) => Strided(source, source.Elements);

    /// <summary>A view of a part of each row.</summary>
    public static GraphTensor Strided(GraphTensor source, long elements) => new()
    {
        Elements = elements,
        Bytes = 0,
        Sources = [source],
        Root = source.Root ?? source,
        Layout = GraphTensor.Strided,
    };

    /// <summary>Copies a permuted tensor, so that its rows are contiguous again.</summary>
    public static GraphTensor Transposed(GraphTensor source) => New(source.Elements, Permute(source));

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

    private static GraphTensor Result(long elements, int elementBytes, bool inPlace, ReadOnlySpan<GraphTensor> sources) => new()
    {
        Elements = elements,
        Bytes = elements * elementBytes,
        Sources = sources.ToArray(),
        InPlace = inPlace,
        Layout = elements,
    };
}
