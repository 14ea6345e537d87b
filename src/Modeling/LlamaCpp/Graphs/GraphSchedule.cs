namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// Decides, as ggml's scheduler does, on which backend each operation of a graph runs and what is copied between backends, and
/// how large each backend's buffer gets. Backends are the devices in their order; the host is the last.
///
/// 1. Caches and weights pin the operations that touch them; inputs are on the host; the rest follows its neighbours, devices first.
/// 2. A run of operations on one backend is a split. What a split reads from elsewhere is copied to its backend once.
/// 3. With several devices and all layers on them micro batches are pipelined: there are <see cref="PipelineCopies"/> copies of every
///    input and of everything that crosses, and they are never freed.
/// </summary>
internal sealed class GraphSchedule
{
    /// <summary>ggml keeps so many copies when it pipelines (GGML_SCHED_MAX_COPIES).</summary>
    public const int PipelineCopies = 4;

    private readonly ComputeGraph _graph;
    private readonly int _host;
    private readonly int _copies;
    private readonly List<GraphTensor> _ordered = [];
    private readonly List<GraphTensor> _leaves = [];
    private readonly Dictionary<GraphTensor, GraphTensor[]> _replaced = [];

    private GraphSchedule(ComputeGraph graph, int devices, bool pipelined)
    {
        _graph = graph;
        _host = devices;
        _copies = pipelined ? PipelineCopies : 1;
    }

    /// <summary>The size in bytes of each backend's compute buffer; the last is the host's.</summary>
    /// <param name="graph">The graph; it is used up.</param>
    /// <param name="devices">Devices besides the host.</param>
    /// <param name="pipelined">Whether micro batches are pipelined over the devices.</param>
    public static long[] BufferSizes(ComputeGraph graph, int devices, bool pipelined)
    {
        var schedule = new GraphSchedule(graph, devices, pipelined);
        schedule.Assign();
        schedule.Split();
        return new GraphAllocation(schedule._ordered, schedule._leaves, schedule._replaced, devices + 1).Sizes();
    }

    private void Assign()
    {
        foreach (GraphTensor leaf in _graph.Leaves)
        {
            leaf.Backend = leaf.Home != GraphTensor.Nowhere ? leaf.Home : leaf.IsInput ? _host : leaf.Backend;
        }

        foreach (GraphTensor node in _graph.Nodes)
        {
            if (node.Backend == GraphTensor.Nowhere)
            {
                node.Backend = Pinned(node);
            }
        }

        Spread(_graph.Nodes, devicesOnly: true);
        Spread(_graph.Nodes.Reverse(), devicesOnly: true);
        Spread(_graph.Nodes, devicesOnly: false);
        Spread(_graph.Nodes.Reverse(), devicesOnly: false);
        foreach (GraphTensor node in _graph.Nodes)
        {
            Follow(node, node.Backend);
            foreach (GraphTensor source in node.Sources)
            {
                Follow(source, node.Backend);
            }
        }
    }

    private static int Pinned(GraphTensor node)
    {
        if (node.ViewOf is { Home: not GraphTensor.Nowhere and var home })
        {
            return home;
        }

        if (node.Operation is GraphOperation.Rope or GraphOperation.FlashAttention)
        {
            return GraphTensor.Nowhere;
        }

        foreach (GraphTensor source in node.Sources)
        {
            if (source.IsWeight)
            {
                return source.Home;
            }
        }

        return GraphTensor.Nowhere;
    }

    /// <summary>Gives operations without a place that of the one before them.</summary>
    private void Spread(IEnumerable<GraphTensor> nodes, bool devicesOnly)
    {
        int current = GraphTensor.Nowhere;
        foreach (GraphTensor node in nodes)
        {
            if (node.Operation == GraphOperation.View)
            {
                continue;
            }

            if (node.Backend != GraphTensor.Nowhere)
            {
                current = devicesOnly && node.Backend == _host ? GraphTensor.Nowhere : node.Backend;
            }
            else
            {
                node.Backend = current;
            }
        }
    }

    private static void Follow(GraphTensor tensor, int user)
    {
        if (tensor.Backend == GraphTensor.Nowhere)
        {
            tensor.Backend = tensor.ViewOf is { } viewed ? viewed.Backend : user;
        }
    }

    private void Split()
    {
        int current = GraphTensor.Nowhere;
        var split = new List<GraphTensor>();
        var inputs = new List<GraphTensor>();
        var crossing = new List<GraphTensor>();
        foreach (GraphTensor node in _graph.Nodes)
        {
            if (node.Operation == GraphOperation.View)
            {
                split.Add(node);
                continue;
            }

            if (current == GraphTensor.Nowhere)
            {
                current = node.Backend;
            }
            else if (node.Backend != current)
            {
                Close(current, split, inputs, crossing);
                current = node.Backend;
            }

            GraphTensor[]? sources = null;
            for (int i = 0; i < node.Sources.Length; i++)
            {
                GraphTensor source = node.Sources[i];
                if (source.Backend != current)
                {
                    if (!HasCopies(source, current))
                    {
                        Copy(source, current, keepFirst: false);
                        inputs.Add(source);
                    }

                    sources ??= [.. node.Sources];
                    sources[i] = source.Copies![current][0];
                }
            }

            if (sources is not null)
            {
                _replaced[node] = sources;
            }

            split.Add(node);
        }

        Close(current, split, inputs, crossing);
        if (_copies > 1)
        {
            _leaves.AddRange(_graph.Leaves.Where(leaf => leaf.IsInput).SelectMany(input => Copy(input, _host, keepFirst: true)).ToArray());
            _leaves.AddRange(crossing);
        }

        _leaves.AddRange(_graph.Leaves);
    }

    private static bool HasCopies(GraphTensor tensor, int backend) => tensor.Copies?.ContainsKey(backend) is true;

    private GraphTensor[] Copy(GraphTensor tensor, int backend, bool keepFirst)
    {
        var copies = new GraphTensor[_copies];
        for (int i = 0; i < copies.Length; i++)
        {
            if (i == 0 && keepFirst)
            {
                copies[i] = tensor;
            }
            else
            {
                copies[i] = new GraphTensor
                {
                    Element = tensor.Element,
                    Operation = GraphOperation.None,
                    Shape = tensor.Shape,
                    Strides = tensor.Strides,
                    Backend = backend,
                };
            }

            copies[i].IsInput |= _copies > 1;
            copies[i].IsKept |= _copies > 1;
        }

        (tensor.Copies ??= [])[backend] = copies;
        return copies;
    }

    private void Close(int backend, List<GraphTensor> split, List<GraphTensor> inputs, List<GraphTensor> crossing)
    {
        foreach (GraphTensor input in inputs)
        {
            // The source stays alive until its copy is made; the copy comes first in its split.
            _ordered.Add(new GraphTensor
            {
                Element = input.Element,
                Operation = GraphOperation.None,
                Shape = input.Shape,
                Strides = input.Strides,
                Sources = [input],
                ViewOf = input.ViewOf ?? input,
                Backend = input.Backend,
            });
            GraphTensor[] copies = input.Copies![backend];
            _ordered.Add(copies[0]);
            crossing.AddRange(copies);
        }

        _ordered.AddRange(split);
        split.Clear();
        inputs.Clear();
    }
}
