using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling.Gguf;

namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>Reads a projector's facts from GGUF metadata and tensor names, with llama.cpp's defaults, and bounds on every number.</summary>
internal sealed class ProjectorFacts
{
    /// <summary>llama.cpp places every tensor at a multiple of so many bytes.</summary>
    private const long TensorPadding = 32;

    /// <summary>Within these bounds no size of a graph exceeds 63 bits.</summary>
    private const int MaximumLength = 1 << 18;
    private const int MaximumBlocks = 512;
    private const int MaximumHeads = 1 << 10;
    private const int MaximumSide = 1 << 10;

    private readonly GgufHeader _header;
    private readonly Dictionary<string, GgufTensor> _tensors = new(StringComparer.Ordinal);

    public ProjectorFacts(GgufHeader header)
    {
        _header = header;
        foreach (GgufTensor tensor in header.Tensors)
        {
            _tensors.TryAdd(tensor.Name, tensor);
        }
    }

    public ProjectorModel Read()
    {
        if (!ProjectorModel.IsProjector(_header))
        {
            throw Refuse("is no multimodal projector", "name a file whose general.architecture is 'clip', often called mmproj-….gguf");
        }

        ImmutableArray<ProjectorTower>.Builder towers = ImmutableArray.CreateBuilder<ProjectorTower>(2);
        bool audio = _header.Metadata.Boolean("clip.has_audio_encoder") == true;
        if (_header.Metadata.Boolean("clip.has_vision_encoder") ?? !audio)
        {
            towers.Add(Vision());
        }

        if (audio)
        {
            towers.Add(Audio());
        }

        if (towers.Count == 0)
        {
            throw Refuse("has neither a vision nor an audio encoder", "the file is damaged or not a projector");
        }

        (long weights, long parameters) = Weights();
        return new ProjectorModel
        {
            Name = _header.ModelName,
            Towers = towers.ToImmutable(),
            Weight = new(weights),
            ParameterCount = parameters,
        };
    }

    private (long Weights, long Parameters) Weights()
    {
        long weights = 0, parameters = 0;
        foreach (GgufTensor tensor in _header.Tensors)
        {
            if (tensor.Size > (1L << 50) - weights)
            {
                throw Refuse("holds more than 2^50 bytes of weights", "the file is damaged or not a projector");
            }

            weights += (tensor.Size + TensorPadding - 1) / TensorPadding * TensorPadding;
            parameters += tensor.Elements;
        }

        return (weights, parameters);
    }

    private ProjectorTower Vision()
    {
        string type = TypeOf("vision") switch { "qwen2.5o" => "qwen2.5vl_merger", var given => given };
        int patch = Number("clip.vision.patch_size", 1, MaximumSide);
        int image = Number("clip.vision.image_size", 0, MaximumSide * 16);
        if (image / patch > MaximumSide)
        {
            throw Refuse($"cuts images of {image} pixels into patches of {patch}", "the file is damaged or not a projector");
        }

        int merge = type switch
        {
            "gemma3" => Number("clip.vision.projector.scale_factor", 1, 64, 4),
            "qwen2vl_merger" or "qwen2.5vl_merger" or "qwen3vl_merger" or "glm4v" => Number("clip.vision.spatial_merge_size", 1, 8, 2),
            "pixtral" or "lightonocr" => Number("clip.vision.spatial_merge_size", 1, 8, 1),
            _ => Number("clip.vision.projector.scale_factor", 1, 64, 1),
        };
        return Tower(ProjectorModality.Vision, type, "vision", "v") with
        {
            ImageSize = image,
            PatchSize = patch,
            Merge = merge,
            WindowPattern = type == "qwen2.5vl_merger" ? Number("clip.vision.n_wa_pattern", 0, MaximumBlocks, 0) : 0,
            DeepstackBlocks = Deepstack(),
            ClassEmbedding = _tensors.ContainsKey("v.class_embd"),
            PatchBias = _tensors.ContainsKey("v.patch_embd.bias"),
        };
    }

    private ProjectorTower Audio() =>
        Tower(ProjectorModality.Audio, TypeOf("audio") switch { "qwen2.5o" => "qwen2a", var given => given }, "audio", "a") with
        {
            MelBins = Number("clip.audio.num_mel_bins", 1, 1 << 12),
            Stack = Number("clip.audio.projector.stack_factor", 1, 1 << 10, 1),
        };

    private ProjectorTower Tower(ProjectorModality modality, string type, string prefix, string tensors)
    {
        string block = $"{tensors}.blk.0.";
        (int inner, int outer) = Projection(modality);
        int embedding = Number($"clip.{prefix}.embedding_length", 1, MaximumLength);
        return new ProjectorTower
        {
            Modality = modality,
            Type = type,
            EmbeddingLength = embedding,
            FeedForwardLength = Number($"clip.{prefix}.feed_forward_length", 0, MaximumLength),
            BlockCount = Number($"clip.{prefix}.block_count", 0, MaximumBlocks),
            HeadCount = Number($"clip.{prefix}.attention.head_count", 1, MaximumHeads),
            PositionRows = Dimension($"{tensors}.position_embd.weight", 1),
            ProjectorLength = inner,
            OutputLength = outer > 0 ? outer : Number($"clip.{prefix}.projection_dim", 0, MaximumLength, embedding),
            FusedAttention = _tensors.ContainsKey(block + "attn_qkv.weight"),
            Gated = _tensors.ContainsKey(block + "ffn_gate.weight"),
            Bias = _tensors.ContainsKey(block + "ffn_up.bias"),
            KeyBias = _tensors.ContainsKey(block + "attn_k.bias"),
            NormBias = _tensors.ContainsKey(block + "ln1.bias"),
            QueryKeyNorm = _tensors.ContainsKey(block + "attn_q_norm.weight"),
            LayerScale = _tensors.ContainsKey(block + "ls1.weight"),
            NormBefore = _tensors.ContainsKey($"{tensors}.pre_ln.weight"),
            NormAfter = _tensors.ContainsKey($"{tensors}.post_ln.weight"),
        };
    }

    /// <summary>Rows of the projector's first and last weight: what lies between them, and what the language model takes.</summary>
    private (int Inner, int Outer) Projection(ProjectorModality modality)
    {
        // The names that the known types use; the largest row count of any other serves the bound.
        ReadOnlySpan<string> pairs = modality == ProjectorModality.Audio
            ? ["mm.a.mlp.1", "mm.a.mlp.2", "", "mm.a.fc"]
            : ["mm.0", "mm.2", "mm.1", "mm.2", "mm.model.mlp.1", "mm.model.mlp.3", "", "mm.model.fc"];
        for (int i = 0; i < pairs.Length; i += 2)
        {
            int outer = Dimension(pairs[i + 1] + ".weight", 1);
            int inner = Dimension(pairs[i] + ".weight", 1);
            if (outer > 0 && (inner > 0 || pairs[i].Length == 0))
            {
                return (inner, outer);
            }
        }

        // Gemma 3 keeps its projection the other way round.
        if (Dimension("mm.input_projection.weight", 0) is > 0 and int rows)
        {
            return (0, rows);
        }

        int largest = 0;
        foreach (GgufTensor tensor in _header.Tensors)
        {
            if (tensor.Name.StartsWith("mm.", StringComparison.Ordinal))
            {
                largest = Math.Max(largest, Dimension(tensor.Name, 1));
            }
        }

        return (largest, 0);
    }

    private ImmutableArray<int> Deepstack()
    {
        ImmutableArray<int>.Builder blocks = ImmutableArray.CreateBuilder<int>();
        for (int block = 0; block < MaximumBlocks; block++)
        {
            if (_tensors.ContainsKey(string.Create(CultureInfo.InvariantCulture, $"v.deepstack.{block}.fc1.weight")))
            {
                blocks.Add(block);
            }
        }

        return blocks.ToImmutable();
    }

    private string TypeOf(string modality) =>
        _header.Metadata.Text("clip.projector_type") is { Length: > 0 } common ? common
        : _header.Metadata.Text($"clip.{modality}.projector_type") is { Length: > 0 } own ? own
        // Files of the first LLaVA say nothing.
        : "mlp";

    private int Dimension(string tensor, int index) =>
        _tensors.TryGetValue(tensor, out GgufTensor? found) && found.Dimensions.Length > index && found.Dimensions[index] <= MaximumLength
            ? (int)found.Dimensions[index]
            : 0;

    private int Number(string key, int minimum, int maximum, int? fallback = null)
    {
        if (!_header.Metadata.TryGet(key, out _))
        {
            return fallback ?? throw Refuse($"has no {GgufReader.Quote(key)}", "the file is damaged or not a projector");
        }

        return _header.Metadata.Integer(key) is long value && value >= minimum && value <= maximum
            ? (int)value
            : throw Refuse($"{GgufReader.Quote(key)} is no integer from {minimum} to {maximum}", "the file is damaged or not a projector");
    }

    private GgufFormatException Refuse(string what, string remedy) => new(_header.Name, what, remedy);
}
