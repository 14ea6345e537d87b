using GpuStack.Modeling.LlamaCpp.Graphs;
using static GpuStack.Modeling.LlamaCpp.Projectors.GraphOperations;

namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>
/// The graphs with which llama.cpp warms a projector up, type by type: what enters (an image of the warm-up's size, or 30 s of
/// sound), the transformer blocks, and the projection to the language model's tokens. Larger images, where a type allows them,
/// make the buffer grow later.
/// </summary>
internal sealed class TowerGraph
{
    /// <summary>Frames of the sound that llama.cpp warms up with.</summary>
    private const int WarmUpFrames = 3000;

    private readonly GraphBuilder _graph = new();
    private readonly ProjectorTower _tower;
    private readonly bool _flashAttention;
    private readonly long _side;
    private readonly long _patches;

    private TowerGraph(ProjectorTower tower, bool flashAttention)
    {
        _tower = tower;
        _flashAttention = flashAttention;
        _side = WarmUpSide(tower);
        _patches = _side * _side;
    }

    /// <summary>Whether the type's graph is known here exactly.</summary>
    public static bool IsKnown(ProjectorTower tower) => tower.Type is "mlp" or "gemma3" or "idefics3" or "pixtral" or "internvl"
        or "qwen2vl_merger" or "qwen2.5vl_merger" or "qwen3vl_merger" or "ultravox" or "qwen2a" or "voxtral";

    /// <summary>Patches per side of the image that the type warms up with.</summary>
    public static long WarmUpSide(ProjectorTower tower) => tower.Type switch
    {
        "qwen2vl_merger" or "qwen2.5vl_merger" or "qwen3vl_merger" or "glm4v" => 46L * tower.Merge,
        "pixtral" or "lightonocr" or "kimivl" => 16L * tower.Merge,
        _ => tower.ImageSize / tower.PatchSize,
    };

    /// <summary>The size of the compute buffer, and of the inputs that stay on the host, in bytes.</summary>
    public static (long Buffer, long Inputs) Sizes(ProjectorTower tower, bool flashAttention)
    {
        var graph = new TowerGraph(tower, flashAttention);
        GraphTensor output = tower.Type switch
        {
            "mlp" => graph.Llava(),
            "gemma3" => graph.Gemma3(),
            "idefics3" => graph.Idefics3(),
            "pixtral" => graph.Pixtral(),
            "internvl" => graph.InternVl(),
            "qwen2vl_merger" or "qwen2.5vl_merger" => graph.Qwen2Vl(),
            "qwen3vl_merger" => graph.Qwen3Vl(),
            "ultravox" or "qwen2a" or "voxtral" => graph.Whisper(),
            _ => throw new ArgumentException($"The graph of {tower.Type} is not known.", nameof(tower)),
        };
        return (graph._graph.BufferBytes(output), graph._graph.InputBytes);
    }

    private long Width(long tokens) => tokens * _tower.EmbeddingLength;

    private TowerBlock Block(long tokens, bool rootMeanSquare = false, GraphTensor? positions = null) =>
        new(_graph, _tower, tokens, _flashAttention) { RootMeanSquare = rootMeanSquare, Positions = positions };

    private static GraphTensor Blocks(GraphTensor input, TowerBlock block, int count)
    {
        for (int i = 0; i < count; i++)
        {
            input = block.Add(input);
        }

        return input;
    }

    /// <summary>Two-dimensional convolution: patches to columns in half precision, a product, and back to rows.</summary>
    private GraphTensor Convolution(GraphTensor image)
    {
        GraphTensor columns = Half(_patches * 3 * _tower.PatchSize * _tower.PatchSize, Weight(), image);
        GraphTensor product = New(Width(_patches), View(columns), Weight());
        return Transposed(View(product));
    }

    private GraphTensor Image()
    {
        long pixels = _side * _tower.PatchSize;
        return _graph.Input(3 * pixels * pixels);
    }

    private GraphTensor Patches()
    {
        GraphTensor patches = Transposed(View(Convolution(Image())));
        return _tower.PatchBias ? Scale(patches) : patches;
    }

    /// <summary>Two frames of a still image are added, and the patches reordered in blocks of two by two.</summary>
    private GraphTensor MergedPatches()
    {
        GraphTensor image = Image();
        GraphTensor patches = InPlace(Convolution(image), Convolution(image));
        patches = Transposed(View(Transposed(patches)));
        return _tower.PatchBias ? Scale(patches) : patches;
    }

    /// <summary>Moves neighbouring patches into one row.</summary>
    private static GraphTensor Shuffle(GraphTensor input)
    {
        GraphTensor columns = Transposed(View(input));
        return View(Transposed(View(columns)));
    }

    private GraphTensor Llava()
    {
        long tokens = _patches + (_tower.ClassEmbedding ? 1 : 0);
        TowerBlock block = Block(tokens);
        GraphTensor current = Patches();
        if (_tower.ClassEmbedding)
        {
            current = New(Width(tokens), current, Weight());
        }

        current = InPlace(current, New(Width(tokens), Weight(), _graph.Input(tokens)));
        current = _tower.NormBefore ? block.Norm(current, _tower.NormBias) : current;
        current = Blocks(current, block, _tower.BlockCount - 1);
        current = _tower.NormAfter ? block.Norm(current, _tower.NormBias) : current;
        current = New(Width(_patches), View(current), _graph.Input(_patches));
        return FeedForward(current, _patches, _tower.ProjectorLength, _tower.OutputLength, gated: false, bias: true);
    }

    private GraphTensor Gemma3()
    {
        TowerBlock block = Block(_patches);
        GraphTensor current = Blocks(Scale(Patches()), block, _tower.BlockCount);
        current = Transposed(_tower.NormAfter ? block.Norm(current, _tower.NormBias) : current);
        long tokens = _patches / (_tower.Merge * _tower.Merge);
        GraphTensor pooled = Transposed(View(New(Width(tokens), current)));
        pooled = Norm(pooled, bias: false, rootMeanSquare: true);
        GraphTensor projection = Half(Width(1) * _tower.OutputLength, WeightView());
        return New(tokens * _tower.OutputLength, projection, pooled);
    }

    private GraphTensor Idefics3()
    {
        TowerBlock block = Block(_patches);
        GraphTensor current = Blocks(Scale(Patches()), block, _tower.BlockCount);
        current = Shuffle(_tower.NormAfter ? block.Norm(current, _tower.NormBias) : current);
        return Multiply(_patches / (_tower.Merge * _tower.Merge) * _tower.OutputLength, current);
    }

    private GraphTensor InternVl()
    {
        long tokens = _patches + 1;
        TowerBlock block = Block(tokens, rootMeanSquare: !_tower.NormBias);
        GraphTensor classEmbedding = New(_tower.EmbeddingLength, Weight());
        GraphTensor current = Scale(New(Width(tokens), Patches(), classEmbedding));
        current = Blocks(current, block, _tower.BlockCount);
        current = _tower.NormAfter ? block.Norm(current, _tower.NormBias) : current;
        current = Shuffle(View(current, Width(_patches)));
        current = Norm(current, bias: true, rootMeanSquare: false);
        return FeedForward(
            current, _patches / (_tower.Merge * _tower.Merge), _tower.ProjectorLength, _tower.OutputLength, gated: false, bias: true);
    }

    private GraphTensor Pixtral()
    {
        TowerBlock block = Block(_patches, rootMeanSquare: true, _graph.Input(2 * _patches));
        GraphTensor current = Blocks(block.Norm(View(Patches()), _tower.NormBias), block, _tower.BlockCount);
        long tokens = _patches / (_tower.Merge * _tower.Merge);
        if (_tower.Merge > 1)
        {
            current = block.Norm(current, bias: false);
            current = New(Width(_patches), Weight(), Transposed(View(current)));
            current = Multiply(Width(tokens), Transposed(View(current)));
        }

        current = FeedForward(current, tokens, _tower.ProjectorLength, _tower.OutputLength, gated: false, bias: true);

        // A token that ends each row of the image; its rows lie in the buffer all the time.
        long breaks = _side / _tower.Merge * _tower.OutputLength;
        GraphTensor rows = InPlace(InPlace(_graph.Input(breaks)));
        return View(New(current.Elements + breaks, View(current), rows));
    }

    private GraphTensor Qwen2Vl()
    {
        bool windows = _tower.WindowPattern > 0;
        GraphTensor positions = _graph.Input(4 * _patches);
        TowerBlock block = Block(_patches, rootMeanSquare: !_tower.NormBias, positions);
        GraphTensor current = MergedPatches();
        GraphTensor? mask = null;
        if (windows)
        {
            mask = _graph.Input(_patches * _patches, _flashAttention ? GraphElement.F16 : GraphElement.F32);
            current = View(New(current.Elements, View(current), _graph.Input(_patches / 4)));
        }

        for (int i = 0; i < _tower.BlockCount; i++)
        {
            current = block.Add(current, windows && (i + 1) % _tower.WindowPattern != 0 ? mask : null);
        }

        current = Projected(block, current);
        return windows ? View(New(current.Elements, View(current), _graph.Input(_patches / 4))) : current;
    }

    private GraphTensor Qwen3Vl()
    {
        GraphTensor current = InPlace(MergedPatches(), InterpolatedPositions());
        TowerBlock block = Block(_patches, positions: _graph.Input(4 * _patches));
        GraphTensor? deepstack = null;
        for (int i = 0; i < _tower.BlockCount; i++)
        {
            current = block.Add(current);
            if (_tower.DeepstackBlocks.Contains(i))
            {
                GraphTensor features = Merger(block, block.Norm(View(current), bias: true));
                deepstack = deepstack is null ? features : New(deepstack.Elements + features.Elements, deepstack, features);
            }
        }

        current = Projected(block, current);
        return deepstack is null ? current : New(current.Elements + deepstack.Elements, current, deepstack);
    }

    private GraphTensor Projected(TowerBlock block, GraphTensor current) =>
        Merger(block, View(_tower.NormAfter ? block.Norm(current, _tower.NormBias) : current));

    /// <summary>Two projections of four patches in one row.</summary>
    private GraphTensor Merger(TowerBlock block, GraphTensor input) =>
        FeedForward(input, _patches / 4, 4L * _tower.EmbeddingLength, _tower.OutputLength, gated: false, bias: true);

    private GraphTensor InterpolatedPositions()
    {
        GraphTensor embedding = Weight();
        if (_patches != _tower.PositionRows)
        {
            embedding = Transposed(New(Width(_patches), WeightView()));
        }

        return Transposed(View(New(Width(_patches), embedding)));
    }

    private GraphTensor Whisper()
    {
        long tokens = WarmUpFrames / 2;
        TowerBlock block = Block(tokens);
        GraphTensor current = Convolved(_graph.Input((long)WarmUpFrames * _tower.MelBins), WarmUpFrames, 3L * _tower.MelBins);
        current = Convolved(current, tokens, 3L * _tower.EmbeddingLength);
        current = Blocks(Scale(Transposed(current)), block, _tower.BlockCount);
        if (_tower.Type != "ultravox")
        {
            current = Transposed(current);
            tokens /= 2;
            current = Transposed(New(Width(tokens), current));
        }

        current = _tower.NormAfter ? block.Norm(current, _tower.NormBias) : current;
        switch (_tower.Type)
        {
            case "qwen2a":
                return Multiply(tokens * _tower.OutputLength, current, bias: true);
            case "voxtral":
                return FeedForward(
                    View(current), tokens / _tower.Stack, _tower.ProjectorLength, _tower.OutputLength, gated: false, bias: false);
            default:
                return Ultravox(block, current, tokens);
        }
    }

    private GraphTensor Ultravox(TowerBlock block, GraphTensor current, long tokens)
    {
        long stacked = (tokens + _tower.Stack - 1) / _tower.Stack;
        if (stacked * _tower.Stack != tokens)
        {
            current = New(Width(stacked * _tower.Stack), View(current));
        }

        current = Norm(View(current), bias: false, rootMeanSquare: true);
        current = New(stacked * _tower.ProjectorLength / 2, Multiply(stacked * _tower.ProjectorLength, current));
        return Multiply(stacked * _tower.OutputLength, Norm(current, bias: false, rootMeanSquare: true));
    }

    /// <summary>One-dimensional convolution with bias and activation.</summary>
    private GraphTensor Convolved(GraphTensor input, long rows, long columns)
    {
        GraphTensor half = Half(rows * columns, Weight(), input);
        GraphTensor product = View(New(Width(rows), View(half), Weight()));
        return InPlace(Scale(product));
    }
}
