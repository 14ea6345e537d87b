using GpuStack.Modeling.LlamaCpp.Graphs;

namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>
/// Collects a tower's compute graph in the order in which llama.cpp evaluates it: the order decides which memory is free when a
/// result needs some. All of it runs on one backend.
/// </summary>
internal sealed class GraphBuilder
{
    private const int Backend = 0;

    private readonly ComputeGraph _graph = new();

    /// <summary>Bytes of the inputs; they stay on the host when the graph runs on a device.</summary>
    public long InputBytes { get; private set; }

    /// <summary>The buffer that the graph up to <paramref name="output"/> needs. Ends the builder's life.</summary>
    public long BufferBytes(GraphTensor output)
    {
        _graph.Expand(output);
        foreach (GraphTensor tensor in _graph.Leaves.Concat(_graph.Nodes))
        {
            tensor.Backend = Backend;
        }

        return new GraphAllocation(_graph.Nodes, _graph.Leaves, [], backends: 1).Sizes()[Backend];
    }

    /// <summary>Data that is filled in before the graph runs.</summary>
    public GraphTensor Input(long elements, GraphElement element = GraphElement.F32)
    {
        GraphTensor input = ComputeGraph.Input(element, elements);
        InputBytes += FreeList.Align(input.Size);
        return input;
    }

    /// <summary>Adds a tensor and everything that it depends on to the graph, operands first.</summary>
    public void Expand(GraphTensor tensor) => _graph.Expand(tensor);
}
