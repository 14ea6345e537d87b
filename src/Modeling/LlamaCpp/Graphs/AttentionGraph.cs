using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// Attention over a cache: queries, keys and values, their storage in the cache, and attention itself, with or without flash
/// attention. Shapes are ggml's: [head length, heads, tokens].
/// </summary>
internal sealed class AttentionGraph
{
    private readonly ComputeGraph _graph;
    private readonly BlockShape _shape;
    private readonly GraphRecipe _recipe;
    private readonly GraphInputs _inputs;
    private readonly CacheInputs _cache;
    private readonly LlamaCppOptions _options;
    private readonly int _streams;
    private readonly int _device;
    private readonly bool _rotary;
    private readonly Func<GraphTensor, int, GraphTensor> _norm;
    private GraphTensor? _gate;

    /// <param name="graph">The graph that grows.</param>
    /// <param name="shape">The block.</param>
    /// <param name="recipe">The architecture's rules.</param>
    /// <param name="inputs">Inputs of the whole graph.</param>
    /// <param name="cache">Inputs of the block's kind of cache.</param>
    /// <param name="options">The server's settings.</param>
    /// <param name="streams">Separate caches.</param>
    /// <param name="device">The backend that holds the block.</param>
    /// <param name="rotary">Whether positions are rotary.</param>
    /// <param name="norm">Normalises a tensor with a weight of the block.</param>
    public AttentionGraph(
        ComputeGraph graph, BlockShape shape, GraphRecipe recipe, GraphInputs inputs, CacheInputs cache, LlamaCppOptions options, int streams, int device, bool rotary,
        Func<GraphTensor, int, GraphTensor> norm)
    {
        _graph = graph;
        _shape = shape;
        _recipe = recipe;
        _inputs = inputs;
        _cache = cache;
        _options = options;
        _streams = streams;
        _device = device;
        _rotary = rotary;
        _norm = norm;
    }

    /// <summary>The backend of another block's cache that this one attends to; null where it has its own.</summary>
    public int? CacheOwner { get; init; }

    /// <summary>Attention with keys and values of their own, unless there is a <see cref="CacheOwner"/>; the result has <paramref name="rows"/> rows.</summary>
    public GraphTensor Attend(GraphTensor current, long rows)
    {
        (GraphTensor query, GraphTensor key, GraphTensor value) = _shape.FusedQueryKeyValue ? Fused(current) : Separate(current);
        if (_shape.HeadNorms)
        {
            query = _norm(query, _device);
            key = CacheOwner is null ? _norm(key, _device) : key;
        }

        if (_recipe.NormalizedValues)
        {
            value = InPlace(value);
        }

        if (_rotary)
        {
            query = Rope(query, _inputs.Positions);
            key = Rope(key, _inputs.Positions);
            if (_recipe.NormsAfterRotary)
            {
                query = InPlace(query);
                key = InPlace(key);
            }
        }
        else if (_recipe.ScaledByPosition)
        {
            query = InPlace(query, _inputs.PositionScale!);
        }

        if (_recipe.ScaledQueries)
        {
            query = InPlace(query);
        }

        GraphTensor attended = CacheOwner is { } owner ? Shared(query, owner) : Cached(query, key, value);
        if (_gate is { } gate)
        {
            attended = InPlace(attended, InPlace(Contiguous(gate, attended.Shape)));
        }
        else if (_shape.GateMatrix)
        {
            attended = InPlace(attended, InPlace(MultiplyMatrix(Weight(_device), current, attended.Shape.N0)));
        }

        GraphTensor result = MultiplyMatrix(Weight(_device), attended, rows);
        return _shape.OutputBias ? InPlace(result, Weight(_device)) : result;
    }

    /// <summary>Stores keys and values, and attends to the cache: [heads × value length, tokens].</summary>
    public GraphTensor Cached(GraphTensor query, GraphTensor key, GraphTensor value)
    {
        if (_cache.KeyRotation is { } keyRotation)
        {
            query = Rotate(query, keyRotation);
            key = Rotate(key, keyRotation);
        }

        if (_cache.ValueRotation is { } valueRotation)
        {
            value = Rotate(value, valueRotation);
        }

        _graph.Expand(query);
        _graph.Expand(_inputs.Window is null ? value : key);
        _graph.Expand(_inputs.Window is null ? key : value);
        GraphTensor keys = Cache(_device);
        GraphTensor values = Cache(_device);
        _graph.Expand(WriteInto(keys, Row(key), _cache.KeyRows, keys));
        if (_cache.ValueRows is { } valueRows)
        {
            _graph.Expand(WriteInto(values, _options.FlashAttention ? Row(value) : Elements(value), valueRows, values));
        }

        GraphTensor attended = Over(query, keys, _cache.ValueRows is null ? keys : values, value.Shape.N0, decompress: null);
        return _cache.ValueRotation is { } back ? Rotate(attended, back) : attended;
    }

    /// <summary>Attends to the cache of another block. Where that is on another backend, it is copied for this block alone.</summary>
    private GraphTensor Shared(GraphTensor query, int owner)
    {
        query = _cache.KeyRotation is { } rotation ? Rotate(query, rotation) : query;
        _graph.Expand(query);
        GraphTensor attended = Over(query, Cache(owner), Cache(owner), _shape.ValueLength, decompress: null);
        return _cache.ValueRotation is { } back ? Rotate(attended, back) : attended;
    }

    /// <summary>Stores the compressed rows of latent attention, and attends to them: [heads × value length, tokens].</summary>
    public GraphTensor Latent(GraphTensor query, GraphTensor key, GraphTensor value, long valueLength, GraphTensor? mask)
    {
        _graph.Expand(query);
        _graph.Expand(value);
        _graph.Expand(key);
        GraphTensor keys = Cache(_device);
        _graph.Expand(WriteInto(keys, Row(key), _cache.KeyRows, keys));
        return Over(query, keys, keys, value.Shape.N0, decompress: valueLength, mask);
    }

    private (GraphTensor Query, GraphTensor Key, GraphTensor Value) Separate(GraphTensor current)
    {
        GraphTensor query = Project(current, (long)_shape.Heads * _shape.KeyLength * (_shape.GatedQueries ? 2 : 1));
        GraphTensor key = Project(current, (long)_shape.KeyValueHeads * _shape.KeyLength);
        GraphTensor value = _shape.ValuesFromKeys ? key : Project(current, (long)_shape.KeyValueHeads * _shape.ValueLength);
        if (_shape.RowNorms)
        {
            query = _norm(query, _device);
            key = _norm(key, _device);
        }

        long tokens = current.Shape.N1;
        if (_shape.GatedQueries)
        {
            GraphTensor both = Reshape(query, 2L * _shape.KeyLength, _shape.Heads, tokens);
            query = View(both, (_shape.KeyLength, _shape.Heads, tokens, 1), both.Strides);
            _gate = View(both, query.Shape, both.Strides);
        }
        else
        {
            query = Reshape(query, _shape.KeyLength, _shape.Heads, tokens);
        }

        return (
            query,
            Reshape(key, _shape.KeyLength, _shape.KeyValueHeads, tokens),
            Reshape(value, _shape.ValueLength, _shape.KeyValueHeads, tokens));
    }

    private (GraphTensor Query, GraphTensor Key, GraphTensor Value) Fused(GraphTensor current)
    {
        long rows = ((long)(_shape.Heads + _shape.KeyValueHeads) * _shape.KeyLength) + ((long)_shape.KeyValueHeads * _shape.ValueLength);
        GraphTensor all = Project(current, rows);
        return (Part(_shape.Heads, _shape.KeyLength), Part(_shape.KeyValueHeads, _shape.KeyLength), Part(_shape.KeyValueHeads, _shape.ValueLength));

        GraphTensor Part(long heads, long length) => View(
            all,
            (length, heads, current.Shape.N1, 1),
            (all.Strides.B0, length * all.Strides.B0, all.Strides.B1, all.Strides.B1 * current.Shape.N1));
    }

    private GraphTensor Project(GraphTensor current, long rows)
    {
        GraphTensor result = MultiplyMatrix(Weight(_device), current, rows);
        return _shape.QueryKeyValueBias ? InPlace(result, Weight(_device)) : result;
    }

    private GraphTensor Over(GraphTensor query, GraphTensor keys, GraphTensor values, long valueLength, long? decompress, GraphTensor? chosen = null)
    {
        GraphTensor mask = chosen ?? _cache.Mask;
        (long length, long heads, long tokens, _) = query.Shape;
        long perStream = tokens / _streams;
        GraphTensor seen = View(
            query,
            (length, heads, perStream, _streams),
            (query.Strides.B0, query.Strides.B1, query.Strides.B2, query.Strides.B2 * perStream));
        GraphTensor queries = SwapHeadsAndTokens(seen);
        GraphTensor keyView = SwapHeadsAndTokens(Whole(keys, _options.KeyType.Bytes((long)_shape.KeyValueHeads * _shape.KeyLength)));
        GraphTensor valueView = SwapHeadsAndTokens(Whole(values, _options.ValueType.Bytes((long)_shape.KeyValueHeads * _shape.ValueLength)));
        GraphTensor result;
        if (_options.FlashAttention)
        {
            result = _shape.Sinks
                ? FlashAttention((valueLength, heads, perStream, _streams), queries, keyView, valueView, mask, Weight(_device))
                : FlashAttention((valueLength, heads, perStream, _streams), queries, keyView, valueView, mask);
            if (decompress is { } decompressed)
            {
                GraphTensor wide = MultiplyMatrix(Weight(_device), SwapHeadsAndTokens(result), decompressed);
                result = Contiguous(SwapHeadsAndTokens(wide));
            }

            result = Reshape(result, result.Shape.N0 * heads, tokens);
        }
        else
        {
            GraphTensor scores = Compute(GraphElement.F32, (_cache.Cells, perStream, heads, _streams), keyView, queries);
            scores = _shape.Sinks ? InPlace(scores, mask, Weight(_device)) : InPlace(scores, mask);
            if (decompress is not null)
            {
                // Latent attention stores no transposed values: they are transposed here.
                valueView = Compute(GraphElement.F16, (_cache.Cells, valueLength, 1, _streams), Transpose(valueView));
            }

            result = Compute(GraphElement.F32, (valueLength, perStream, heads, _streams), valueView, scores);
            if (decompress is { } decompressed)
            {
                result = MultiplyMatrix(Weight(_device), result, decompressed);
            }

            GraphTensor swapped = SwapHeadsAndTokens(result);
            result = Contiguous(swapped, (result.Shape.N0 * heads, tokens, 1, 1));
        }

        return _graph.Expand(result);
    }

    /// <summary>
    /// All cells of a cache. Its size matters where flash attention runs on the first device although the cache is on the host, and where
    /// the cache is another block's: then all of it is copied.
    /// </summary>
    private GraphTensor Whole(GraphTensor cache, long rowBytes)
    {
        (long, long, long, long) shape = (rowBytes * _cache.Cells * _streams / sizeof(float), 1, 1, 1);
        return View(cache, shape, GraphTensor.Contiguous(cache.Element, shape));
    }

    /// <summary>All heads of a token as one row.</summary>
    private static GraphTensor Row(GraphTensor heads) => View(
        heads,
        (heads.Shape.N0 * heads.Shape.N1, heads.Shape.N2, 1, 1),
        (heads.Strides.B0, heads.Strides.B2, heads.Strides.B2 * heads.Shape.N2, heads.Strides.B2 * heads.Shape.N2));

    /// <summary>Values as single elements, as a transposed cache takes them.</summary>
    private GraphTensor Elements(GraphTensor heads)
    {
        long row = heads.Shape.N0 * heads.Shape.N1;
        GraphTensor rows = heads.Strides.B2 == row * heads.ElementBytes
            ? Reshape(heads, row, heads.Shape.N2)
            : Contiguous(heads, (row, heads.Shape.N2, 1, 1));
        if (_cache.ValueRows is { } indices && indices.Elements > rows.Elements)
        {
            // All blocks' rows are as long as the longest.
            rows = Compute(rows.Element, (indices.Elements / heads.Shape.N2, heads.Shape.N2, 1, 1), rows);
        }

        return Reshape(rows, 1, rows.Elements);
    }

    private static GraphTensor Rotate(GraphTensor tensor, GraphTensor rotation)
    {
        long length = rotation.Shape.N0;
        long rows = tensor.Elements / length;
        GraphTensor flat = tensor.IsContiguous ? Reshape(tensor, length, rows) : Contiguous(tensor, (length, rows, 1, 1));
        GraphTensor rotated = Compute(GraphElement.F32, (length, rows, 1, 1), rotation, flat);
        return Reshape(rotated, tensor.Shape.N0, tensor.Shape.N1, tensor.Shape.N2, tensor.Shape.N3);
    }
}
