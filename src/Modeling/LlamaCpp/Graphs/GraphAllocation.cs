namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// Gives the tensors of a scheduled graph their places, as ggml's graph allocator does: a result lies in a source's place where the
/// operation allows it and nobody else needs that source, else in free memory of its backend; a source is freed after its last use.
/// </summary>
internal sealed class GraphAllocation
{
    private readonly IReadOnlyList<GraphTensor> _nodes;
    private readonly IReadOnlyList<GraphTensor> _leaves;
    private readonly Dictionary<GraphTensor, GraphTensor[]> _replaced;
    private readonly FreeList[] _buffers;

    /// <param name="nodes">Operations, and the scheduler's copies, in the order in which they run.</param>
    /// <param name="leaves">What is there before the first of them.</param>
    /// <param name="replaced">The sources of operations that read copies instead of their own.</param>
    /// <param name="backends">Backends, the host included.</param>
    public GraphAllocation(
        IReadOnlyList<GraphTensor> nodes, IReadOnlyList<GraphTensor> leaves, Dictionary<GraphTensor, GraphTensor[]> replaced, int backends)
    {
        _nodes = nodes;
        _leaves = leaves;
        _replaced = replaced;
        _buffers = new FreeList[backends];
        for (int i = 0; i < backends; i++)
        {
            _buffers[i] = new FreeList();
        }
    }

    /// <summary>Bytes that each backend's buffer needs.</summary>
    public long[] Sizes()
    {
        foreach (GraphTensor leaf in _leaves)
        {
            Allocate(leaf, leaf.Backend);
        }

        foreach (GraphTensor node in _nodes)
        {
            Count(node);
        }

        foreach (GraphTensor node in _nodes)
        {
            Run(node);
        }

        var sizes = new long[_buffers.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = _buffers[i].Reached;
        }

        return sizes;
    }

    private GraphTensor[] Sources(GraphTensor node) => _replaced.TryGetValue(node, out GraphTensor[]? sources) ? sources : node.Sources;

    private void Count(GraphTensor node)
    {
        if (node.ViewOf is { } viewed && node.Operation != GraphOperation.None)
        {
            viewed.Views++;
        }

        if (node.IsInput)
        {
            Allocate(node, node.Backend);
        }

        foreach (GraphTensor source in Sources(node))
        {
            source.Children++;
            if (source.IsInput)
            {
                Allocate(source, node.Backend);
            }
        }
    }

    private void Run(GraphTensor node)
    {
        GraphTensor[] sources = Sources(node);
        foreach (GraphTensor source in sources)
        {
            Allocate(source, node.Backend);
        }

        Allocate(node, node.Backend);
        foreach (GraphTensor source in sources)
        {
            source.Children--;
            if (source.Children > 0 || source.Views > 0)
            {
                continue;
            }

            if (source.ViewOf is { } viewed)
            {
                viewed.Views--;
                if (viewed is { Views: 0, Children: 0, Allocated: true })
                {
                    Free(viewed);
                }
            }
            else if (source.Allocated)
            {
                Free(source);
            }
        }
    }

    private void Allocate(GraphTensor tensor, int backend)
    {
        if (tensor.Allocated || tensor.ViewOf is not null || tensor.Home != GraphTensor.Nowhere)
        {
            return;
        }

        tensor.Allocated = true;
        if (tensor.Operation is (GraphOperation.InPlace or GraphOperation.Rope) && TakeOver(tensor))
        {
            return;
        }

        tensor.Buffer = backend;
        tensor.Offset = _buffers[backend].Allocate(tensor.Size);
    }

    /// <summary>Puts a result in the place of a source that nobody else needs; a view of one is never taken over.</summary>
    private bool TakeOver(GraphTensor tensor)
    {
        foreach (GraphTensor source in Sources(tensor))
        {
            if (!source.Allocated || source.IsKept || source is not { ViewOf: null, Children: 1, Views: 0 } || !tensor.HasLayoutOf(source))
            {
                continue;
            }

            (tensor.Buffer, tensor.Offset) = (source.Buffer, source.Offset);
            source.Allocated = false;
            return true;
        }

        return false;
    }

    private void Free(GraphTensor tensor)
    {
        if (tensor.IsKept)
        {
            return;
        }

        _buffers[tensor.Buffer].Free(tensor.Offset, tensor.Size);
        tensor.Allocated = false;
    }
}
