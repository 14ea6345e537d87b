using System.Collections.Concurrent;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// Sizes of llama.cpp's compute buffers, found by building the graph that llama-server reserves them for and allocating it as ggml does.
///
/// A device's buffer depends on its own blocks, on what the block before hands over, and on whether the output layer is there too; all
/// other devices are left out. How often a sequence of alike blocks repeats does not matter either, so a few stand for many
/// (<see cref="Shortened"/>). What was found is remembered: a planner asks for thousands of ranges, and few of them differ.
/// </summary>
internal sealed class GraphBuffers
{
    /// <summary>Repetitions of a sequence of blocks that are kept of many.</summary>
    private const int KeptRepetitions = 4;

    /// <summary>Blocks that are kept with recurrent ones: a block's tensors outlive it, so free memory takes longer to find its form.</summary>
    private const int KeptRecurrentBlocks = 8;

    /// <summary>The longest sequence of blocks whose repetitions are looked for.</summary>
    private const int LongestPeriod = 16;

    private readonly LlamaCppModel _model;
    private readonly LlamaCppOptions _options;
    private readonly LlamaCppContext _context;
    private readonly int[] _classes;

    /// <summary>Blocks depend on each other besides by what one hands to the next.</summary>
    private readonly bool _whole;
    private readonly ConcurrentDictionary<string, long> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(int First, int Last, bool AfterHost, bool Pipelined), long> _devices = [];

    public GraphBuffers(LlamaCppModel model, LlamaCppOptions options, LlamaCppContext context)
    {
        _model = model;
        _options = options;
        _context = context;
        _classes = Classes();
        _whole = model.LayerKinds.Any(kind => kind is LayerKind.Shared or LayerKind.SharedSlidingWindow)
            || model.BlockShapes.Any(shape => shape.PerLayerEmbedding > 0 || shape.Residuals > 1);
    }

    /// <summary>Bytes of the buffer of a device that holds layers first..last.</summary>
    /// <param name="first">The first layer.</param>
    /// <param name="last">The last layer; the output layer is the model's block count.</param>
    /// <param name="afterHost">Whether the layer before runs on the host (the first device of a partial offload).</param>
    /// <param name="pipelined">Whether micro batches are pipelined over devices.</param>
    public long OnDevice(int first, int last, bool afterHost, bool pipelined) =>
        _devices.GetOrAdd((first, last, afterHost, pipelined), range => Device(range.First, range.Last, range.AfterHost, range.Pipelined));

    /// <summary>
    /// Where blocks share caches or embeddings, a device's buffer depends on all blocks: the whole graph is laid out, with what is on
    /// other devices on one before and one behind.
    /// </summary>
    private long OnDeviceOfWhole(int first, int last, bool afterHost, bool pipelined)
    {
        int own = first > 0 && !afterHost ? 1 : 0;
        int outputBackend = last == _model.BlockCount ? own : own + 1;
        int devices = outputBackend + 1;
        var backends = new int[_model.BlockCount];
        for (int block = 0; block < backends.Length; block++)
        {
            backends[block] = block < first ? (afterHost ? devices : 0) : block <= last ? own : outputBackend;
        }

        return Size(new GraphPlacement([.. Enumerable.Range(0, backends.Length)], [.. backends], outputBackend, devices, pipelined), own);
    }

    /// <summary>Bytes of the host's buffer when layers from one on are on devices.</summary>
    public long OnHost(int firstOffloaded, int deviceCount)
    {
        bool partial = firstOffloaded > 0;
        var blocks = new List<int>();
        var backends = new List<int>();
        int devices = Math.Min(deviceCount, 2);
        Add(blocks, backends, 0, Math.Min(firstOffloaded, _model.BlockCount) - 1, devices);
        if (devices > 0)
        {
            int later = devices == 1 ? firstOffloaded : firstOffloaded + 1;
            Add(blocks, backends, firstOffloaded, Math.Min(later, _model.BlockCount) - 1, 0);
            Add(blocks, backends, later, _model.BlockCount - 1, devices - 1);
        }

        int output = firstOffloaded > _model.BlockCount ? devices : Math.Max(0, devices - 1);
        return Size(new GraphPlacement([.. blocks], [.. backends], output, devices, deviceCount > 1 && !partial), devices);
    }

    private long Device(int first, int last, bool afterHost, bool pipelined)
    {
        var blocks = new List<int>();
        var backends = new List<int>();
        bool output = last == _model.BlockCount;
        if (_whole)
        {
            return OnDeviceOfWhole(first, last, afterHost, pipelined);
        }

        int own = first > 0 && !afterHost ? 1 : 0;
        int outputBackend = output ? own : own + 1;
        int devices = outputBackend + 1;
        foreach (int before in Before(first))
        {
            blocks.Add(before);
            backends.Add(afterHost ? devices : 0);
        }

        Add(blocks, backends, first, Math.Min(last, _model.BlockCount - 1), own);
        if (!output)
        {
            foreach (int after in After(last))
            {
                blocks.Add(after);
                backends.Add(outputBackend);
            }
        }

        return Size(new GraphPlacement([.. blocks], [.. backends], outputBackend, devices, pipelined), own);
    }

    private long Size(GraphPlacement placement, int backend)
    {
        string key = $"{backend}/{placement.Output}/{placement.Devices}/{placement.Pipelined}/"
            + $"{string.Join(',', placement.Blocks.Select(block => _classes[block]))}/{string.Join(',', placement.Backends)}";
        return _known.GetOrAdd(key, _ => Bound(ModelGraph.BufferSizes(_model, _options, _context, placement)[backend]));
    }

    /// <summary>
    /// The graph of an unknown architecture is taken to be llama's. What others do besides is mostly some more activations at a time;
    /// half as much again, and four of them, has been more than any known architecture needs.
    /// </summary>
    private long Bound(long size) => _model.KnownArchitecture ? size : (size * 3 / 2) + (4L * _model.EmbeddingLength * _context.BatchTokens * sizeof(float));

    /// <summary>Blocks whose operations may run among those of the layer: back to one that mixes tokens.</summary>
    private List<int> Before(int layer)
    {
        var blocks = new List<int>();
        while (--layer >= 0)
        {
            if (IsComputed(layer))
            {
                blocks.Insert(0, layer);
                if (Mixes(layer))
                {
                    break;
                }
            }
        }

        return blocks;
    }

    /// <summary>Blocks whose operations may run among those of the layer: up to one that mixes tokens, which reads its cache early.</summary>
    private List<int> After(int layer)
    {
        var blocks = new List<int>();
        while (++layer < _model.BlockCount)
        {
            if (IsComputed(layer))
            {
                blocks.Add(layer);
                if (Mixes(layer))
                {
                    break;
                }
            }
        }

        return blocks;
    }

    private bool Mixes(int block) => _model.ShapeOf(block) is { Attends: true } or { Recurrence: not RecurrenceKind.None };

    private bool IsComputed(int block) => _model.LayerKinds[block] != LayerKind.Unused;

    private void Add(List<int> blocks, List<int> backends, int first, int last, int backend)
    {
        var own = new List<int>();
        for (int block = first; block <= last; block++)
        {
            if (IsComputed(block))
            {
                own.Add(block);
            }
        }

        foreach (int block in _whole || _model.SparseIndexer is not null ? own : Shortened(own))
        {
            blocks.Add(block);
            backends.Add(backend);
        }
    }

    /// <summary>The blocks without the repetitions of a sequence beyond the first few.</summary>
    private List<int> Shortened(List<int> blocks)
    {
        for (int period = 1; period <= LongestPeriod; period++)
        {
            int kept = _model.RecurrentState is null ? KeptRepetitions : Math.Max(KeptRepetitions, KeptRecurrentBlocks / period);
            int start = 0;
            while (start + ((kept + 1) * period) <= blocks.Count)
            {
                int end = start + period;
                while (end < blocks.Count && _classes[blocks[end]] == _classes[blocks[end - period]])
                {
                    end++;
                }

                int surplus = ((end - start) / period) - kept;
                if (surplus > 0)
                {
                    blocks.RemoveRange(start + period, surplus * period);
                }

                start = Math.Max(start + 1, end - (Math.Max(surplus, 0) * period) - period + 1);
            }
        }

        return blocks;
    }

    /// <summary>A number per block; blocks of one number compute the same.</summary>
    private int[] Classes()
    {
        GraphRecipe recipe = GraphRecipe.Of(_model.Architecture);
        var numbers = new Dictionary<(BlockShape, LayerKind, bool, bool), int>();
        var classes = new int[_model.BlockCount];
        for (int block = 0; block < classes.Length; block++)
        {
            var key = (_model.ShapeOf(block), _model.LayerKinds[block], recipe.IsRotary(block, _model.LayerKinds[block]), block == 0 && recipe.NormalizedEmbeddings);
            if (!numbers.TryGetValue(key, out classes[block]))
            {
                numbers[key] = classes[block] = numbers.Count;
            }
        }

        return classes;
    }
}
