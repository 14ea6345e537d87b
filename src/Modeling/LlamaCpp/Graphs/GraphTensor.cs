namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// A tensor of a compute graph: its shape and strides (four dimensions, strides in bytes), where its bytes are, and the state
/// that scheduling and allocation keep of it. Holds no data.
/// </summary>
internal sealed class GraphTensor
{
    /// <summary>No backend yet.</summary>
    public const int Nowhere = -1;

    public required GraphElement Element { get; init; }

    public required GraphOperation Operation { get; init; }

    public required (long N0, long N1, long N2, long N3) Shape { get; init; }

    public required (long B0, long B1, long B2, long B3) Strides { get; init; }

    public GraphTensor[] Sources { get; init; } = [];

    /// <summary>The tensor whose bytes this one looks at; null when it has its own.</summary>
    public GraphTensor? ViewOf { get; init; }

    /// <summary>The backend that holds a weight or a cache; <see cref="Nowhere"/> for what the graph itself allocates.</summary>
    public int Home { get; init; } = Nowhere;

    public bool IsWeight { get; init; }

    /// <summary>Set before the graph runs; lives on the host.</summary>
    public bool IsInput { get; set; }

    /// <summary>Never freed or written over.</summary>
    public bool IsKept { get; set; }

    /// <summary>The backend that computes or holds it.</summary>
    public int Backend { get; set; } = Nowhere;

    /// <summary>Whether it stands in the graph's order already.</summary>
    public bool Ordered { get; set; }

    public int Children { get; set; }

    public int Views { get; set; }

    public bool Allocated { get; set; }

    /// <summary>The backend in whose buffer it was allocated, and where.</summary>
    public int Buffer { get; set; } = Nowhere;

    public long Offset { get; set; }

    /// <summary>Copies on other backends, one list per backend, made by the scheduler.</summary>
    public Dictionary<int, GraphTensor[]>? Copies { get; set; }

    public bool IsExternal => (ViewOf ?? this).Home != Nowhere;

    /// <summary>Bytes of the data: from the first to the last element.</summary>
    public long Size => Elements == 0 ? 0 :
        ElementBytes
        + ((Shape.N0 - 1) * Strides.B0) + ((Shape.N1 - 1) * Strides.B1) + ((Shape.N2 - 1) * Strides.B2) + ((Shape.N3 - 1) * Strides.B3);

    public long Elements => Shape.N0 * Shape.N1 * Shape.N2 * Shape.N3;

    public int ElementBytes => BytesOf(Element);

    public bool IsContiguous => Strides == Contiguous(Element, Shape);

    public static int BytesOf(GraphElement element) => element switch
    {
        GraphElement.F16 => 2,
        GraphElement.I64 => 8,
        _ => 4,
    };

    public static (long B0, long B1, long B2, long B3) Contiguous(GraphElement element, (long N0, long N1, long N2, long N3) shape)
    {
        long b0 = BytesOf(element);
        long b1 = b0 * shape.N0;
        long b2 = b1 * shape.N1;
        return (b0, b1, b2, b2 * shape.N2);
    }

    public bool HasLayoutOf(GraphTensor other) => Element == other.Element && Shape == other.Shape && Strides == other.Strides;
}
