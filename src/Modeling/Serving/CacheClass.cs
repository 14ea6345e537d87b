using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Serving;

/// <summary>The layers of a model that cache rows of one shape, with their number before each layer.</summary>
internal sealed class CacheClass
{
    private readonly int[] _before;

    public CacheClass(TransformerLayerKind kind, in TransformerLayer layer, int layers)
    {
        Kind = kind;
        Layer = layer;
        _before = new int[layers + 1];
    }

    /// <summary><see cref="TransformerLayerKind.Full"/>, <see cref="TransformerLayerKind.SlidingWindow"/> or <see cref="TransformerLayerKind.Recurrent"/>.</summary>
    public TransformerLayerKind Kind { get; }

    public TransformerLayer Layer { get; }

    public int Count => _before[^1];

    public void Add(int layer) => _before[layer + 1]++;

    public void Accumulate()
    {
        for (int i = 1; i < _before.Length; i++)
        {
            _before[i] += _before[i - 1];
        }
    }

    public int CountIn(in PipelineStage stage) => _before[stage.End] - _before[stage.Start];

    /// <summary>
    /// Elements that one token takes in one layer on one of so many ranks: key and value heads are divided, but never finer
    /// than one head; a latent row (MLA) is held by every rank.
    /// </summary>
    public long TokenElements(TransformerModel model, int tensorParallel) =>
        model.LatentAttention is { } latent && Kind == TransformerLayerKind.Full
            ? (long)latent.Rank + latent.RotaryLength
            : checked(HeadsPerRank(Layer.KeyValueHeads, tensorParallel) * ((long)Layer.KeyLength + Layer.ValueLength));

    /// <summary>Key and value heads of one rank.</summary>
    public static int HeadsPerRank(int heads, int tensorParallel) => Math.Max(1, heads / tensorParallel);
}
