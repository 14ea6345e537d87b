using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp.Graphs;

namespace GpuStack.Modeling.LlamaCpp;

/// <summary>Reads a model's facts from GGUF metadata, with llama.cpp's defaults for what is absent, and bounds on every number.</summary>
internal sealed class GgufModelFacts
{
    /// <summary>llama.cpp takes no more blocks.</summary>
    private const int MaximumBlocks = 512;

    /// <summary>Keeps every number an integer of 32 bits; <see cref="LlamaCppModel.Implausibility"/> looks closer.</summary>
    private const long MaximumLength = 1 << 26;

    private readonly GgufHeader _header;
    private readonly string _architecture;

    public GgufModelFacts(GgufHeader header)
    {
        _header = header;
        _architecture = header.Metadata.Text("general.architecture")
            ?? throw Refuse("has no general.architecture", "name the file of a language model");
    }

    public LlamaCppModel Read()
    {
        CheckKind();
        int blocks = (int)Required("block_count", 1, MaximumBlocks);
        int embedding = (int)Required("embedding_length", 1, MaximumLength);
        ImmutableArray<int> heads = PerBlock("attention.head_count", blocks, fallback: null);
        ImmutableArray<int> keyValueHeads = PerBlock("attention.head_count_kv", blocks, heads);
        int head = Largest(heads);
        int keyLength = (int)Optional("attention.key_length", head > 0 ? embedding / head : 0);
        int valueLength = (int)Optional("attention.value_length", head > 0 ? embedding / head : 0);
        ImmutableArray<int> feedForwards = PerBlock("feed_forward_length", blocks, fallback: null);
        int feedForward = Largest(feedForwards);
        int experts = (int)Optional("expert_count", 0);
        RecurrentState? recurrent = Recurrent();
        long window = Optional("attention.sliding_window", LayerPatterns.DefaultWindow(_architecture));
        int unused = (int)Math.Min(Optional("nextn_predict_layers", 0), blocks - 1);
        ImmutableArray<LayerKind> kinds = LayerPatterns.Kinds(_architecture, blocks - unused, _header.Metadata, window, keyValueHeads, feedForwards, recurrent is not null)
            .AddRange(Enumerable.Repeat(LayerKind.Unused, unused));
        GgufModelWeights weights = GgufModelWeights.Of(_header, _architecture, blocks, blocks - unused, Refuse);
        RefuseMissingBlocks(weights.Layers, feedForwards, blocks - unused);
        var model = new LlamaCppModel
        {
            Name = _header.ModelName,
            Architecture = _architecture,
            BlockCount = blocks,
            ContextLength = new(Optional("context_length", 0, long.MaxValue >> 16)),
            ParameterCount = weights.Parameters,
            TotalWeightBytes = new(weights.Total),
            LayerWeights = weights.Layers,
            InputWeights = new(weights.Inputs),
            TiedOutputWeights = new(weights.TiedOutput),
            SharedWeights = new(weights.Shared),
            LayerKinds = kinds,
            KeyValueHeads = keyValueHeads,
            HeadCount = head,
            KeyLength = keyLength,
            ValueLength = valueLength,
            WindowKeyLength = (int)Optional("attention.key_length_swa", 0),
            WindowValueLength = (int)Optional("attention.value_length_swa", 0),
            EmbeddingLength = embedding,
            FeedForwardLength = feedForward,
            ExpertCount = experts,
            ExpertUsedCount = (int)Optional("expert_used_count", 0),
            ExpertGroups = (int)Optional("expert_group_count", 0),
            ExpertGroupsUsed = (int)Optional("expert_group_used_count", 0),
            ExpertFeedForwardLength = experts > 0 ? (int)Optional("expert_feed_forward_length", feedForward) : 0,
            VocabularySize = weights.VocabularySize,
            SlidingWindow = kinds.Contains(LayerKind.SlidingWindow) ? (int)window : 0,
            LatentAttention = Latent(),
            SparseIndexer = Indexer(),
            RecurrentState = recurrent,
            KnownArchitecture = GraphRecipe.IsKnown(_architecture),
        };
        return model.Implausibility() is { } what
            ? throw Refuse(what, "the file is damaged or not a language model")
            : GgufBlockShapes.AddTo(model, _header);
    }

    private void CheckKind()
    {
        if (_architecture == "clip" || _header.Metadata.Text("general.type") == "mmproj")
        {
            throw Refuse("is a multimodal projector", "name the file of the language model that it belongs to");
        }

        if (_header.Parts.IsEmpty && _header.Metadata.Integer("split.count") is > 1 and long parts)
        {
            throw Refuse($"is one part of a model split into {parts} files, read without the others", "name the first of them, with the others beside it");
        }

        if (_header.Tensors.IsEmpty)
        {
            throw Refuse("holds no tensors, only a vocabulary", "name the file of a whole model");
        }
    }

    /// <summary>A block that has a feed-forward length must have tensors; a header without any block (a sample) is fine.</summary>
    private void RefuseMissingBlocks(ImmutableArray<long> weights, ImmutableArray<int> feedForwards, int used)
    {
        if (weights.Take(used).All(weight => weight == 0))
        {
            return;
        }

        for (int block = 0; block < used; block++)
        {
            if (weights[block] == 0 && feedForwards[block] > 0)
            {
                throw Refuse(
                    string.Create(CultureInfo.InvariantCulture, $"has {used} blocks, but no tensor of block {block}"),
                    "the file is damaged, or a file of a split model is missing");
            }
        }
    }

    private LatentAttention? Latent()
    {
        // Files converted before llama.cpp had MLA carry the rank, but no *_mla lengths; they cache whole heads.
        if (_header.Metadata.Integer(Key("attention.key_length_mla")) is null)
        {
            return null;
        }

        return new(
            (int)Required("attention.kv_lora_rank", 1, MaximumLength),
            (int)Required("rope.dimension_count", 0, MaximumLength),
            (int)Required("attention.key_length_mla", 1, MaximumLength),
            (int)Required("attention.value_length_mla", 1, MaximumLength));
    }

    /// <summary>Other architectures' files may have such numbers as well; llama.cpp takes no notice of them.</summary>
    private SparseIndexer? Indexer() => _architecture is "deepseek32" or "glm-dsa"
        ? new(
            (int)Required("attention.indexer.head_count", 1, MaximumLength),
            (int)Required("attention.indexer.key_length", 1, MaximumLength),
            (int)Required("attention.indexer.top_k", 1, MaximumLength))
        : null;

    private RecurrentState? Recurrent()
    {
        int embedding = (int)Required("embedding_length", 1, MaximumLength);
        if (_header.Metadata.TryGet(Key("shortconv.l_cache"), out _))
        {
            return new((int)Required("shortconv.l_cache", 1, MaximumLength), embedding, 0, 0);
        }

        if (_header.Metadata.TryGet(Key("wkv.head_size"), out _))
        {
            // The last tokens that are shifted are remembered as a convolution's are.
            return new(1 + (int)Optional("token_shift_count", 2), embedding, (int)Required("wkv.head_size", 1, MaximumLength), 0);
        }

        if (_header.Metadata.Integer(Key("ssm.conv_kernel")) is null)
        {
            return null;
        }

        if (_header.Metadata.TryGet(Key("kda.head_dim"), out _))
        {
            int heads = Largest(PerBlock("attention.head_count", (int)Required("block_count", 1, MaximumBlocks), fallback: null));
            int length = (int)Required("kda.head_dim", 1, 1 << 16);
            return new((int)Required("ssm.conv_kernel", 1, MaximumLength), (int)Math.Min((long)heads * length, int.MaxValue), length, heads);
        }

        return new(
            (int)Required("ssm.conv_kernel", 1, MaximumLength),
            (int)Required("ssm.inner_size", 1, MaximumLength),
            (int)Required("ssm.state_size", 1, MaximumLength),
            (int)Optional("ssm.group_count", 0));
    }

    private string Key(string name) => $"{_architecture}.{name}";

    private long Required(string name, long minimum, long maximum)
    {
        string key = Key(name);
        if (!_header.Metadata.TryGet(key, out _))
        {
            throw Refuse($"has no {GgufReader.Quote(key)}", "the file is damaged or not a language model");
        }

        return Bounded(key, minimum, maximum);
    }

    private long Optional(string name, long fallback, long maximum = MaximumLength)
    {
        string key = Key(name);
        return _header.Metadata.TryGet(key, out _) ? Bounded(key, 0, maximum) : fallback;
    }

    private long Bounded(string key, long minimum, long maximum) =>
        _header.Metadata.Integer(key) is long value && value >= minimum && value <= maximum
            ? value
            : throw Refuse($"{GgufReader.Quote(key)} is no integer from {minimum} to {maximum}", "the file is damaged or not a language model");

    /// <summary>A number that stands for every block, or an array with one per block.</summary>
    private ImmutableArray<int> PerBlock(string name, int blocks, ImmutableArray<int>? fallback)
    {
        string key = Key(name);
        if (!_header.Metadata.TryGet(key, out GgufValue? value))
        {
            return fallback ?? [.. Enumerable.Repeat(0, blocks)];
        }

        if (value.Type != GgufValueType.Array)
        {
            return [.. Enumerable.Repeat((int)Bounded(key, 0, MaximumLength), blocks)];
        }

        if (value.Elements.IsDefault || value.Elements.Length < blocks)
        {
            throw Refuse(
                string.Create(CultureInfo.InvariantCulture, $"{GgufReader.Quote(key)} has {value.Count} elements for {blocks} blocks"),
                "the file is damaged or not a language model");
        }

        ImmutableArray<int>.Builder result = ImmutableArray.CreateBuilder<int>(blocks);
        for (int i = 0; i < blocks; i++)
        {
            result.Add(value.Elements[i].Integer is long element and >= 0 and <= MaximumLength
                ? (int)element
                : throw Refuse($"{GgufReader.Quote(key)} holds something else than integers from 0 to {MaximumLength}", "the file is damaged or not a language model"));
        }

        return result.MoveToImmutable();
    }

    private static int Largest(ImmutableArray<int> values)
    {
        int largest = 0;
        foreach (int value in values)
        {
            largest = Math.Max(largest, value);
        }

        return largest;
    }

    private GgufFormatException Refuse(string what, string remedy) => new(_header.Name, what, remedy);
}
