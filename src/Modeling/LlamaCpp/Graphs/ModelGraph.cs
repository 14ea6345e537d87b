using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// The graph that llama-server reserves its compute buffers with: one micro batch of the largest size against full caches, with one
/// row of logits per request.
/// </summary>
internal sealed class ModelGraph
{
    private readonly LlamaCppModel _model;
    private readonly LlamaCppOptions _options;
    private readonly LlamaCppContext _context;
    private readonly GraphPlacement _placement;
    private readonly GraphRecipe _recipe;
    private readonly ComputeGraph _graph = new();
    private readonly long _tokens;
    private GraphInputs _inputs = null!;

    /// <summary>The values of the first block, which later ones mix with their own (RWKV 7).</summary>
    private GraphTensor? _firstValue;

    private ModelGraph(LlamaCppModel model, LlamaCppOptions options, LlamaCppContext context, GraphPlacement placement)
    {
        _model = model;
        _options = options;
        _context = context;
        _placement = placement;
        _recipe = GraphRecipe.Of(model.Architecture);
        _tokens = (context.BatchTokens + context.Sequences - 1L) / context.Sequences * context.Sequences;
    }

    /// <summary>The size in bytes of each device's compute buffer; the last is the host's.</summary>
    public static long[] BufferSizes(LlamaCppModel model, LlamaCppOptions options, LlamaCppContext context, GraphPlacement placement)
    {
        var graph = new ModelGraph(model, options, context, placement);
        graph.Build();
        return GraphSchedule.BufferSizes(graph._graph, placement.Devices, placement.Pipelined);
    }

    private void Build()
    {
        int perLayerLength = _model.ShapeOf(0).PerLayerEmbedding;
        PerLayerInputs? perLayer = perLayerLength > 0 ? new PerLayerInputs(_graph, _model, _placement, _tokens, perLayerLength) : null;
        if (_recipe.PerLayerEmbeddingsFirst)
        {
            perLayer?.LookUp();
        }

        GraphTensor current = Embeddings();
        if (perLayer is not null)
        {
            if (!_recipe.PerLayerEmbeddingsFirst)
            {
                perLayer.LookUpScaled();
            }

            perLayer.Project(current);
        }

        _inputs = new GraphInputsBuilder(_model, _options, _context, _recipe, _tokens).Build(current, perLayer);
        if (_recipe.NormalizedEmbeddings && _placement.Blocks is [0, ..])
        {
            current = Norm(current, _placement.Backends[0], bias: true);
        }

        AlternatingUpdates? updates = _model.ShapeOf(0).Residuals > 1 ? new AlternatingUpdates(_model, _placement, _inputs, Norm) : null;
        current = updates?.Spread(current) ?? current;
        for (int i = 0; i < _placement.Blocks.Length; i++)
        {
            bool last = i == _placement.Blocks.Length - 1;
            int block = _placement.Blocks[i];
            int device = _placement.Backends[i];
            current = updates is null
                ? Block(current, block, device, last)
                : updates.Block(current, block, device, Attention(_model.ShapeOf(block), block, device));
        }

        current = updates?.Merge(current) ?? current;
        current = Norm(current, _placement.Output, bias: _recipe.NormalizedEmbeddings);
        _graph.Expand(MultiplyMatrix(Weight(_placement.Output), current, _model.VocabularySize));
    }

    private GraphTensor Embeddings()
    {
        GraphTensor tokens = Input(GraphElement.I32, _tokens);
        GraphTensor current = GetRows(Weight(_placement.Devices), tokens, _model.EmbeddingLength);
        int parts = 1 + _model.BlocksThatAddEmbeddings;
        long width = (long)parts * _model.EmbeddingLength;

        // A batch may bring embeddings instead of tokens, or some of both: all ways are reserved, one is taken.
        GraphTensor given = Input(GraphElement.F32, width, _tokens);
        GraphTensor mixed = Compute(GraphElement.F32, given.Shape, Input(GraphElement.F32, width, _tokens));
        GraphTensor looked = GetRows(Weight(_placement.Devices), Input(GraphElement.I32, _tokens), _model.EmbeddingLength);
        _graph.Expand(current);
        if (parts > 1)
        {
            // Wider embeddings: what tokens do not have is zero.
            _graph.Expand(looked);
            current = _graph.Expand(Compute(GraphElement.F32, given.Shape, current));
            looked = Compute(GraphElement.F32, given.Shape, looked);
        }

        _graph.Expand(given);
        _graph.Expand(WriteInto(mixed, looked, Input(GraphElement.I64, _tokens), mixed));
        return _recipe.ScaledEmbeddingRows ? _graph.Expand(InPlace(current, Input(GraphElement.F32, 1, _tokens)))
            : _recipe.ScaledEmbeddings ? _graph.Expand(InPlace(current))
            : current;
    }

    private GraphTensor Block(GraphTensor input, int block, int device, bool last)
    {
        BlockShape shape = _model.ShapeOf(block);
        if (shape.TimeMix is { } ranks && _model.RecurrentState is { } state)
        {
            var states = new RecurrentStates(_graph, _inputs, _context.Sequences, device);
            return new TimeMixGraph(shape, ranks, state, states, device, (tensor, backend) => Norm(tensor, backend, bias: true))
                .Add(input, ref _firstValue, last ? _inputs.OutputRows : null);
        }

        bool parallel = (_recipe.Parallel && !shape.Sequential) || (_recipe.ParallelWithoutNorm && !shape.FeedForwardNorm);
        GraphTensor residual = shape.AddsEmbedding && block == 0 ? PartOf(input, _tokens) : input;
        GraphTensor normal = shape.AttentionNorm ? Norm(residual, device, shape.NormBias) : residual;
        var feedForward = new FeedForwardGraph(_graph, shape, _recipe, _model, device) { Logits = Logits(input, shape, device, last) };
        if (shape is { Attends: false, Recurrence: RecurrenceKind.None })
        {
            // A block of its own for the feed-forward part (Nemotron H).
            GraphTensor added = last ? GetRows(feedForward.Add(normal), _inputs.OutputRows, _model.EmbeddingLength) : feedForward.Add(normal);
            return InPlace(added, last ? GetRows(residual, _inputs.OutputRows, _model.EmbeddingLength) : residual);
        }

        GraphTensor attended = Mix(shape, block, device, shape.SecondAttentionNorm ? Norm(residual, device, shape.NormBias) : normal, input);
        bool chosenLater = last && shape is { Attends: true, Recurrence: not RecurrenceKind.None };
        bool normalized = shape.PostAttentionNorm && _recipe.NormalizedBeforeOutputRows;
        attended = normalized ? Norm(attended, device, shape.NormBias) : attended;
        if (last && !chosenLater)
        {
            attended = GetRows(attended, _inputs.OutputRows, _model.EmbeddingLength);
            residual = GetRows(residual, _inputs.OutputRows, _model.EmbeddingLength);
            normal = parallel && !_recipe.ParallelNorm ? GetRows(normal, _inputs.OutputRows, _model.EmbeddingLength) : normal;
        }

        if (shape.PostAttentionNorm && !normalized)
        {
            attended = Norm(attended, device, shape.NormBias);
        }

        if (_recipe.ScaledResiduals)
        {
            attended = InPlace(attended);
        }

        if (parallel)
        {
            GraphTensor beside = feedForward.Add(_recipe.ParallelNorm ? Norm(residual, device, shape.NormBias) : normal);
            return _recipe.ParallelOrder switch
            {
                ParallelOrder.AttentionThenFeedForward => InPlace(InPlace(attended, beside), residual),
                ParallelOrder.FeedForwardThenAttention => InPlace(InPlace(beside, attended), residual),
                ParallelOrder.AttentionWithResidual => InPlace(beside, InPlace(attended, residual)),
                _ => InPlace(InPlace(beside, residual), attended),
            };
        }

        GraphTensor between = _recipe.ResidualFirst ? InPlace(residual, attended) : InPlace(attended, residual);
        if (chosenLater)
        {
            between = GetRows(between, _inputs.OutputRows, _model.EmbeddingLength);
        }

        if (shape is { FeedForward: 0, Experts: 0 })
        {
            return between;
        }

        GraphTensor result = feedForward.Add(shape.FeedForwardNorm && !shape.ExpertsBesideDense ? Norm(between, device, shape.NormBias) : between);
        if (shape.PostFeedForwardNorm)
        {
            result = Norm(result, device, shape.NormBias);
        }

        if (_recipe.ScaledResiduals)
        {
            result = InPlace(result);
        }

        return Finish(_recipe.ResidualFirst || _recipe.AddedToResidual ? InPlace(between, result) : InPlace(result, between), shape, device, last);
    }

    /// <summary>The router's result where it reads the block's input; null elsewhere.</summary>
    private GraphTensor? Logits(GraphTensor input, BlockShape shape, int device, bool last)
    {
        if (!_recipe.RoutedByInput || shape.Experts == 0)
        {
            return null;
        }

        GraphTensor logits = MultiplyMatrix(Weight(device), input, shape.Experts);
        return last ? GetRows(logits, _inputs.OutputRows, shape.Experts) : logits;
    }

    /// <summary>What comes after the last residual: the block's own embeddings, a scale, a part of wider embeddings.</summary>
    private GraphTensor Finish(GraphTensor result, BlockShape shape, int device, bool last)
    {
        if (_inputs.PerLayer is { } perLayer && shape.PerLayerEmbedding > 0)
        {
            GraphTensor gate = InPlace(MultiplyMatrix(Weight(device), result, shape.PerLayerEmbedding));
            GraphTensor own = perLayer.OfBlock();
            own = last ? GetRows(own, _inputs.OutputRows, shape.PerLayerEmbedding) : own;
            GraphTensor projected = MultiplyMatrix(Weight(device), InPlace(gate, own), _model.EmbeddingLength);
            result = InPlace(result, Norm(projected, device));
        }

        if (shape.ScaledResult)
        {
            result = InPlace(result, Weight(device));
        }

        return shape.AddsEmbedding && _inputs.Embeddings is { } wide ? InPlace(result, PartOf(wide, result.Shape.N1)) : result;
    }

    /// <summary>One of the parts that wider embeddings consist of.</summary>
    private GraphTensor PartOf(GraphTensor wide, long tokens) => Part(wide, _model.EmbeddingLength, tokens);

    /// <summary>What mixes tokens with those before them: attention, a recurrence, or the sum of both (Falcon H1).</summary>
    private GraphTensor Mix(BlockShape shape, int block, int device, GraphTensor normal, GraphTensor input)
    {
        if (shape.Recurrence != RecurrenceKind.None && _model.RecurrentState is { } state)
        {
            return shape.Attends
                ? InPlace(Attention(shape, block, device).Attend(normal, _model.EmbeddingLength), Recur(shape, state, device, Norm(input, device)))
                : Recur(shape, state, device, normal);
        }

        return _model.LatentAttention is { } latent
            ? new LatentAttentionGraph(Attention(shape, block, device), shape, latent, _inputs, device, !_recipe.NoRotary, Norm) { Indexer = Indexer(device) }.Attend(normal)
            : Attention(shape, block, device).Attend(normal, _model.EmbeddingLength);
    }

    private GraphTensor Recur(BlockShape shape, RecurrentState state, int device, GraphTensor normal)
    {
        var states = new RecurrentStates(_graph, _inputs, _context.Sequences, device);
        return shape.Recurrence switch
        {
            RecurrenceKind.DeltaNet => new DeltaNetGraph(shape, state, states, device).Add(_graph.Expand(normal)),
            RecurrenceKind.KimiDelta => new KimiDeltaGraph(shape, state, states, device).Add(_graph.Expand(normal)),
            RecurrenceKind.ShortConvolution => new ShortConvolutionGraph(state, states, device).Add(normal),
            _ => new RecurrentGraph(_graph, shape, state, states, _inputs, device).Add(normal),
        };
    }

    private SparseIndexerGraph? Indexer(int device) => _model.SparseIndexer is { } indexer
        ? new SparseIndexerGraph(_graph, indexer, _inputs, _context.Streams, device)
        : null;

    private AttentionGraph Attention(BlockShape shape, int block, int device)
    {
        bool window = _model.HasWindow(block);
        bool rotary = _recipe.IsRotary(block, _model.LayerKinds[block]);
        return new AttentionGraph(
            _graph, shape, _recipe, _inputs, (window ? _inputs.Window : _inputs.Full)!, _options, _context.Streams, device, rotary, Norm)
        {
            CacheOwner = CacheOwner(block),
        };
    }

    /// <summary>The backend of the cache that a block without its own attends to: that of the last block of its kind with one.</summary>
    private int? CacheOwner(int block)
    {
        LayerKind? owner = _model.LayerKinds[block] switch
        {
            LayerKind.Shared => LayerKind.Full,
            LayerKind.SharedSlidingWindow => LayerKind.SlidingWindow,
            _ => null,
        };
        if (owner is null)
        {
            return null;
        }

        for (int i = _placement.Blocks.Length - 1; i >= 0; i--)
        {
            if (_model.LayerKinds[_placement.Blocks[i]] == owner)
            {
                return _placement.Backends[i];
            }
        }

        return _placement.Output;
    }

    private GraphTensor Norm(GraphTensor tensor, int device) => Norm(tensor, device, bias: false);

    /// <summary>A norm with a weight. The norm itself has none, and so may run on the device before: then its result crosses as well.</summary>
    private GraphTensor Norm(GraphTensor tensor, int device, bool bias)
    {
        GraphTensor normal = _recipe.LayerNorm || (bias && !_recipe.BiasedRootMeanSquare) ? Compute(tensor.Element, tensor.Shape, tensor) : InPlace(tensor);
        GraphTensor weighted = InPlace(normal, Weight(device));
        return bias ? InPlace(weighted, Weight(device)) : weighted;
    }
}
