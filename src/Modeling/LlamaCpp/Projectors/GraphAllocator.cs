using GpuStack.Modeling.LlamaCpp.Graphs;

namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>
/// ggml's plan for a graph's memory, replayed: inputs first, then node after node in the order of evaluation; a node takes an
/// operand's place where it may, else the smallest hole that is large enough, else it grows the buffer; what nothing needs any
/// more is a hole again. The buffer is as large as it ever grew, holes included, which is why no sum of live tensors gives it.
/// </summary>
internal sealed class GraphAllocator
{
    private readonly FreeList _memory = new();

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

        return allocator._memory.Reached;
    }

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

        tensor.Offset = _memory.Allocate(tensor.Bytes);
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
            _memory.Free(owner.Offset, owner.Bytes);
        }
    }
}
