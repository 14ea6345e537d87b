using GpuStack.Modeling.LlamaCpp.Graphs;

namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>
/// Collects a compute graph in the order in which llama.cpp evaluates it: the order decides which memory is free when a result
/// needs some.
/// </summary>
internal sealed class GraphBuilder
{
    private readonly List<GraphTensor> _leaves = [];
    private readonly List<GraphTensor> _nodes = [];

    /// <summary>Bytes of the inputs; they stay on the host when the graph runs on a device.</summary>
    public long InputBytes { get; private set; }

    /// <summary>The buffer that the graph up to <paramref name="output"/> needs. Ends the builder's life.</summary>
    public long BufferBytes(GraphTensor output)
    {
        Expand(output);
        return GraphAllocator.BufferBytes(_leaves, _nodes);
    }

    /// <summary>Data that is filled in before the graph runs.</summary>
    public GraphTensor Input(long elements, int elementBytes = sizeof(float))
    {
        long bytes = elements * elementBytes;
        InputBytes += FreeList.Align(bytes);
        return new GraphTensor { Elements = elements, Bytes = bytes, Layout = elements };
    }

    /// <summary>Adds a tensor and everything that it depends on to the graph, operands first.</summary>
    public void Expand(GraphTensor tensor)
    {
        if (tensor.Visited)
        {
            return;
        }

        tensor.Visited = true;
        foreach (GraphTensor source in tensor.Sources)
        {
            Expand(source);
        }

        (tensor.Sources.Length > 0 ? _nodes : _leaves).Add(tensor);
    }
}
