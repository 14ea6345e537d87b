using System.Collections.Immutable;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Serving;

/// <summary>
/// A model with its weights and caches summed over layers, so that a planner can ask for many layouts of ranks: what one
/// stage holds costs a few subtractions, whatever the number of layers. Immutable and safe to share.
/// </summary>
public sealed class ServedModel
{
    /// <summary>Rows of the vocabulary are padded to a multiple of this before they are divided (both engines' <c>DEFAULT_VOCAB_PADDING_SIZE</c>).</summary>
    public const int VocabularyPadding = 64;

    private readonly LayerSums _replicated;
    private readonly LayerSums _split;
    private readonly LayerSums _experts;
    private readonly List<(int Heads, LayerSums Sums)> _keyValue = [];
    private readonly ImmutableArray<WeightPart> _outside;

    private ServedModel(TransformerModel model)
    {
        Model = model;
        int layers = model.Layers.Length;
        (_replicated, _split, _experts) = (new(layers), new(layers), new(layers));
        ImmutableArray<WeightPart>.Builder outside = ImmutableArray.CreateBuilder<WeightPart>();
        foreach (WeightPart part in model.Weights)
        {
            if (part.Layer < 0)
            {
                outside.Add(part);
            }
            else
            {
                SumsOf(part).Add(part);
            }
        }

        _outside = outside.ToImmutable();
        HasTowers = _outside.Any(static part => part.Layer == WeightPart.Towers);
        _replicated.Accumulate();
        _split.Accumulate();
        _experts.Accumulate();
        _keyValue.ForEach(static entry => entry.Sums.Accumulate());
        Caches = CachesOf(model);
        Array.ForEach([.. Caches], static cache => cache.Accumulate());
    }

    /// <summary>The model.</summary>
    public TransformerModel Model { get; }

    /// <summary>What its layers cache, a class for each shape.</summary>
    internal ImmutableArray<CacheClass> Caches { get; }

    /// <summary>Whether the model sees or hears.</summary>
    internal bool HasTowers { get; }

    /// <summary>Sums a model's weights and caches.</summary>
    /// <exception cref="ArgumentException">The model has no layer, or a weight belongs to none of its layers.</exception>
    public static ServedModel Of(TransformerModel model)
    {
        if (model.Layers.IsDefaultOrEmpty)
        {
            throw new ArgumentException($"{model.Name} has no layer.", nameof(model));
        }

        foreach (WeightPart part in model.Weights)
        {
            if (part.Layer >= model.Layers.Length || part.Layer < WeightPart.Towers)
            {
                throw new ArgumentException($"{model.Name} has weights of layer {part.Layer}, but {model.Layers.Length} layers.", nameof(model));
            }
        }

        return new(model);
    }

    /// <summary>
    /// Why the engine would not divide the model so, in one sentence; null when it would. Heads, the feed-forward length and the
    /// padded vocabulary must divide by the ranks, key and value heads by the ranks or the ranks by them, and each stage needs a layer.
    /// </summary>
    public string? Refusal(int tensorParallel, int pipelineParallel)
    {
        TransformerModel model = Model;
        if (tensorParallel < 1 || pipelineParallel < 1)
        {
            return $"Tensor and pipeline parallel sizes must be at least 1, not {tensorParallel} and {pipelineParallel}.";
        }

        if (model.HeadCount % tensorParallel != 0)
        {
            return $"{model.Name} has {model.HeadCount} attention heads, which {tensorParallel} tensor-parallel ranks do not divide.";
        }

        foreach (CacheClass cache in Caches)
        {
            int heads = cache.Layer.KeyValueHeads;
            if (heads > 0 && heads % tensorParallel != 0 && tensorParallel % heads != 0)
            {
                return $"{model.Name} has {heads} key and value heads, which {tensorParallel} tensor-parallel ranks neither divide nor share evenly.";
            }
        }

        if (model.IntermediateSize % tensorParallel != 0)
        {
            return $"The feed-forward length of {model.Name}, {model.IntermediateSize}, does not divide by {tensorParallel} tensor-parallel ranks.";
        }

        return PaddedVocabulary % tensorParallel != 0
            ? $"The vocabulary of {model.Name}, padded to {PaddedVocabulary} rows, does not divide by {tensorParallel} tensor-parallel ranks."
            : pipelineParallel > model.Layers.Length
                ? $"{model.Name} has {model.Layers.Length} layers, too few for {pipelineParallel} pipeline stages."
                : null;
    }

    /// <summary>Weights of each rank of a stage.</summary>
    internal Bytes Weights(in PipelineStage stage, int tensorParallel, bool expertParallel, in WeightLoading loading)
    {
        double sum = loading.Other(Model, _replicated.Bytes(stage)) + RotaryTable(loading);
        sum += loading.Linear(Model, _split.Bytes(stage), _split.Elements(stage)) / tensorParallel;
        foreach ((int heads, LayerSums sums) in _keyValue)
        {
            double share = heads > 0 ? (double)CacheClass.HeadsPerRank(heads, tensorParallel) / heads : 1.0 / tensorParallel;
            sum += loading.Linear(Model, sums.Bytes(stage), sums.Elements(stage)) * share;
        }

        sum += loading.Linear(Model, _experts.Bytes(stage), _experts.Elements(stage))
            * ExpertShare(tensorParallel, expertParallel) * ExpertPadding(expertParallel ? 1 : tensorParallel);
        sum += LatentCopies(stage, tensorParallel, loading);
        foreach (WeightPart part in _outside)
        {
            sum += Outside(part, stage, tensorParallel, loading);
        }

        return new((long)Math.Ceiling(sum));
    }

    /// <summary>Rows of the padded vocabulary.</summary>
    internal int PaddedVocabulary => checked((Model.VocabularySize + VocabularyPadding - 1) / VocabularyPadding * VocabularyPadding);

    /// <summary>
    /// Cosines and sines of every position of the model's own context, which both engines compute while loading and count as weights
    /// (<c>RotaryEmbedding.cos_sin_cache</c>): 32 MiB for 131,072 positions and heads of 128, 2.5 GiB for Llama 4 Scout's ten million.
    /// </summary>
    private double RotaryTable(in WeightLoading loading)
    {
        int length = Model.LatentAttention?.RotaryLength ?? Model.Layers.Max(static layer => layer.KeyLength);
        return (double)Model.ContextLength.Value * length * (loading.DataType ?? Model.DataType).Bits() / 8;
    }

    private double ExpertShare(int tensorParallel, bool expertParallel)
    {
        int experts = Model.ExpertCount;
        return expertParallel && experts > 0 ? Math.Ceiling((double)experts / tensorParallel) / experts : 1.0 / tensorParallel;
    }

    /// <summary>
    /// Kernels for MXFP4 pad experts: the hidden size to 256, the inner length of each rank to 128 (vLLM's
    /// <c>layers/quantization/mxfp4.py</c>; gpt-oss-120b is 60.8 GiB on disk, and 65.97 GiB logged on a GPU).
    /// </summary>
    private double ExpertPadding(int parts)
    {
        if (Model.Quantization != QuantizationMethod.Mxfp4 || Model.ExpertIntermediateSize == 0)
        {
            return 1;
        }

        double inner = (double)Model.ExpertIntermediateSize / parts;
        return Math.Ceiling(inner / 128) * 128 / inner * (Math.Ceiling(Model.HiddenSize / 256.0) * 256 / Model.HiddenSize);
    }

    /// <summary>
    /// Both engines keep the up-projection of latent rows a second time, divided into keys and values and not quantized, for decoding
    /// (<c>W_UK_T</c> and <c>W_UV</c> in vLLM, <c>w_kc</c> and <c>w_vc</c> in SGLang).
    /// </summary>
    private double LatentCopies(in PipelineStage stage, int tensorParallel, in WeightLoading loading)
    {
        if (Model.LatentAttention is not { } latent)
        {
            return 0;
        }

        int layers = 0;
        foreach (CacheClass cache in Caches)
        {
            layers += cache.Kind == TransformerLayerKind.Full ? cache.CountIn(stage) : 0;
        }

        double elements = (double)layers * latent.Rank * (latent.KeyLength + latent.ValueLength) * Model.HeadCount / tensorParallel;
        return elements * (loading.DataType ?? Model.DataType).Bits() / 8;
    }

    private double Outside(in WeightPart part, in PipelineStage stage, int tensorParallel, in WeightLoading loading)
    {
        bool held = part.Layer switch
        {
            // Both engines build the towers on every stage, whether it uses them or not.
            WeightPart.Towers => true,
            WeightPart.Outputs => stage.Last,
            _ => stage.First || (stage.Last && Model.TiedEmbeddings && part.Sharding == WeightSharding.Vocabulary),
        };
        if (!held)
        {
            return 0;
        }

        double bytes = loading.Other(Model, part.Size.Value);
        return part.Sharding switch
        {
            WeightSharding.Replicated => bytes,
            WeightSharding.Vocabulary => bytes * PaddedVocabulary / Math.Max(1, Model.VocabularySize) / tensorParallel,
            _ => bytes / tensorParallel,
        };
    }

    private LayerSums SumsOf(in WeightPart part)
    {
        switch (part.Sharding)
        {
            case WeightSharding.Replicated:
                return _replicated;
            case WeightSharding.Experts:
                return _experts;
            case WeightSharding.KeyValueHeads:
                int heads = Model.Layers[part.Layer].KeyValueHeads;
                int found = _keyValue.FindIndex(entry => entry.Heads == heads);
                if (found < 0)
                {
                    found = _keyValue.Count;
                    _keyValue.Add((heads, new(Model.Layers.Length)));
                }

                return _keyValue[found].Sums;
            default:
                return _split;
        }
    }

    private static ImmutableArray<CacheClass> CachesOf(TransformerModel model)
    {
        var caches = new List<CacheClass>();
        for (int i = 0; i < model.Layers.Length; i++)
        {
            TransformerLayer layer = model.Layers[i];
            if (layer.Kind is TransformerLayerKind.Full or TransformerLayerKind.SlidingWindow or TransformerLayerKind.FullAndRecurrent)
            {
                TransformerLayerKind attention = layer.Kind == TransformerLayerKind.SlidingWindow ? layer.Kind : TransformerLayerKind.Full;
                Class(caches, attention, layer, model).Add(i);
            }

            if (layer.Kind is TransformerLayerKind.Recurrent or TransformerLayerKind.FullAndRecurrent)
            {
                Class(caches, TransformerLayerKind.Recurrent, default, model).Add(i);
            }
        }

        return [.. caches];
    }

    private static CacheClass Class(List<CacheClass> caches, TransformerLayerKind kind, TransformerLayer layer, TransformerModel model)
    {
        TransformerLayer shape = layer with { Kind = kind };
        CacheClass? found = caches.Find(cache => cache.Layer == shape);
        if (found is null)
        {
            caches.Add(found = new(kind, shape, model.Layers.Length));
        }

        return found;
    }
}
