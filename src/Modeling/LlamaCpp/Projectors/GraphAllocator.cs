namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>
/// ggml's plan for a graph's memory, replayed: inputs first, then node after node in the order of evaluation; a node takes an
/// operand's place where it may, else the smallest hole that is large enough, else it grows the buffer; what nothing needs any
/// more is a hole again. The buffer is as large as it ever grew, holes included, which is why no sum of live tensors gives it.
/// </summary>
internal sealed class GraphAllocator
{
    /// <summary>Tensors begin at multiples of this in the buffers of CPUs and RPC devices; CUDA's 128 changes nothing that matters.</summary>
    private const long Alignment = 32;

    private readonly List<(long Offset, long Size)> _free = [(0, long.MaxValue / 2)];
    private long _peak;

    /// <summary>The size of the buffer in bytes.</summary>
    /// <param name="leaves">Inputs, in the order in which the graph first meets them.</param>
    /// <param name="nodes">Results, in the order of evaluation.</param>
    public static long BufferBytes(IReadOnlyList<GraphTensor> leaves, IReadOnlyList<GraphTensor> nodes)
    {
        var allocator = new GraphAllocator();
        foreach (GraphTensor leaf in leaves)
        {
            allocator.Allocate(leaf);
        }

        foreach (GraphTensor node in nodes)
        {
            if (node.Root is { } root)
            {
                root.Views++;
            }

            foreach (GraphTensor source in node.Sources)
            {
                source.Children++;
            }
        }

        foreach (GraphTensor node in nodes)
        {
            allocator.Allocate(node);
            foreach (GraphTensor source in node.Sources)
            {
                allocator.Used(source);
            }
        }

        return allocator._peak;
    }

    public static long Align(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private void Allocate(GraphTensor tensor)
    {
        if (tensor.External || tensor.Allocated || tensor.Root is not null)
        {
            return;
        }

        tensor.Allocated = true;
        if (tensor.InPlace)
        {
            foreach (GraphTensor source in tensor.Sources)
            {
                // The memory that a view shows is never taken over.
                if (source.Allocated && source.Layout == tensor.Layout && source is { Children: 1, Views: 0 })
                {
                    source.Allocated = false;
                    tensor.Offset = source.Offset;
                    return;
                }
            }
        }

        tensor.Offset = Take(Align(tensor.Bytes));
    }

    private void Used(GraphTensor tensor)
    {
        tensor.Children--;
        if (tensor.Children > 0 || tensor.Views > 0)
        {
            return;
        }

        GraphTensor owner = tensor;
        if (tensor.Root is { } root)
        {
            root.Views--;
            owner = root;
        }

        if (owner is { Children: 0, Views: 0, Allocated: true })
        {
            owner.Allocated = false;
            Release(owner.Offset, Align(owner.Bytes));
        }
    }

    private long Take(long size)
    {
        // The last hole has no end: it is the rest of the address space.
        int best = _free.Count - 1;
        long bestSize = long.MaxValue;
        for (int i = 0; i < _free.Count - 1; i++)
        {
            if (_free[i].Size >= size && _free[i].Size <= bestSize)
            {
                (best, bestSize) = (i, _free[i].Size);
            }
        }

        (long offset, long free) = _free[best];
        if (free == size)
        {
            _free.RemoveAt(best);
        }
        else
        {
            _free[best] = (offset + size, free - size);
        }

        _peak = Math.Max(_peak, offset + size);
        return offset;
    }

    private void Release(long offset, long size)
    {
        int at = 0;
        while (at < _free.Count && _free[at].Offset < offset)
        {
            at++;
        }

        if (at < _free.Count && offset + size == _free[at].Offset)
        {
            size += _free[at].Size;
            _free.RemoveAt(at);
        }

        if (at > 0 && _free[at - 1].Offset + _free[at - 1].Size == offset)
        {
            _free[at - 1] = (_free[at - 1].Offset, _free[at - 1].Size + size);
        }
        else
        {
            _free.Insert(at, (offset, size));
        }
    }
}
