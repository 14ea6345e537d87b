namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>
/// One tensor of a compute graph, as far as its memory goes. A view has a <see cref="Root"/> and no memory of its own; a weight
/// lies in another buffer. The counters and the place are the allocator's.
/// </summary>
internal sealed class GraphTensor
{
    /// <summary>A layout that no other tensor has (strided views).</summary>
    public const long Strided = -1;

    public required long Elements { get; init; }

    public required long Bytes { get; init; }

    public GraphTensor[] Sources { get; init; } = [];

    /// <summary>The tensor whose memory a view shows; null for tensors with their own.</summary>
    public GraphTensor? Root { get; init; }

    /// <summary>A weight: nothing is allocated for it.</summary>
    public bool External { get; init; }

    /// <summary>Whether the result may take the memory of an operand of the same layout that nothing else needs.</summary>
    public bool InPlace { get; init; }

    /// <summary>Equal layouts: as many elements, contiguous.</summary>
    public long Layout { get; init; }

    public bool Visited { get; set; }

    public bool Allocated { get; set; }

    public int Children { get; set; }

    public int Views { get; set; }

    public long Offset { get; set; }
}
