using GpuStack.Modeling.Serving;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Placement.Speed;

/// <summary>
/// Speed of vLLM and SGLang for one request at a short context, per layout of ranks. A token passes the stages one after another. In each
/// layer every rank reads its share of the weights, <c>c + bytes / (T · bandwidth · e)</c> (heads of keys and values fewer than ranks are
/// read by several; of a mixture's experts only those used), and two all-reduces join the ranks (<see cref="GpuLink"/>). Between stages the
/// state and the residual are sent, across nodes over the network with a round trip. A prompt is read in chunks of
/// <see cref="PrefillTokens"/>, where computing counts, <c>operations / (T · tensor throughput · f)</c>, and whole states are reduced.
/// It orders layouts; c, e and f are assumptions, so no absolute figure is calibrated. Immutable and safe to share.
/// </summary>
public sealed class ServingSpeedModel
{
    /// <summary>Fixed time of a layer, in milliseconds (c): some eight kernels of 3 µs, as NVIDIA's aiconfigurator takes them; assumed.</summary>
    public const double LayerMilliseconds = 0.024;

    /// <summary>Share of the nominal bandwidth that kernels reach (e), as NVIDIA's aiconfigurator takes it; assumed.</summary>
    public const double BandwidthShare = 0.8;

    /// <summary>Share of the dense 16-bit tensor throughput that reading a prompt reaches (f); assumed.</summary>
    public const double ThroughputShare = 0.6;

    /// <summary>Tokens of a chunk of a prompt.</summary>
    public const int PrefillTokens = 2048;

    /// <summary>All-reduces of a layer: after attention and after the feed-forward part.</summary>
    private const int AllReducesPerLayer = 2;

    private readonly int _layers;
    private readonly double _stateBytes;

    // Per token, summed over layers: what every rank reads, what ranks share, and key and value projections by their number of heads.
    private readonly Weights _replicated = new();
    private readonly Weights _shared = new();
    private readonly List<(int Heads, Weights Sum)> _keyValue = [];

    // All experts: what a chunk of many tokens reads.
    private readonly double _allExpertBytes;
    private readonly double _usedExpertBytes;

    private ServingSpeedModel(TransformerModel model)
    {
        _layers = model.Layers.Length;
        _stateBytes = (double)model.HiddenSize * model.DataType.Bits() / 8;
        var used = model.ExpertCount > 0 ? Math.Clamp((double)model.ExpertsPerToken / model.ExpertCount, 0, 1) : 1;
        foreach (var part in model.Weights)
        {
            switch (part.Sharding)
            {
                case var _ when part.Layer < 0:
                    // The head is read whole, and computed for one token; embeddings are looked up, unless they are the head.
                    if (part.Layer == WeightPart.Outputs || (part.Layer == WeightPart.Inputs && model.TiedEmbeddings && part.Sharding == WeightSharding.Vocabulary))
                        _shared.Add(part.Size.Value, 0);
                    break;
                case WeightSharding.Replicated:
                    _replicated.Add(part.Size.Value, part.Elements);
                    break;
                case WeightSharding.KeyValueHeads:
                    KeyValue(model.Layers[part.Layer].KeyValueHeads).Add(part.Size.Value, part.Elements);
                    break;
                case WeightSharding.Experts:
                    _shared.Add(part.Size.Value * used, part.Elements * used);
                    _allExpertBytes += part.Size.Value;
                    _usedExpertBytes += part.Size.Value * used;
                    break;
                default:
                    _shared.Add(part.Size.Value, part.Elements);
                    break;
            }
        }
    }

    /// <summary>Sums up a model; each prediction costs a few operations then.</summary>
    /// <param name="served">The model.</param>
    /// <returns>Its speed model.</returns>
    public static ServingSpeedModel Of(ServedModel served) => new(served.Model);

    /// <summary>Predicts the speed of a layout.</summary>
    /// <param name="layout">The layout.</param>
    /// <returns>The prediction, never calibrated; without figures where the product is unknown.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size of the layout is less than 1, or there are more nodes than stages.</exception>
    public SpeedPrediction Predict(in ServingLayoutFacts layout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layout.TensorParallel, 1, nameof(layout));
        ArgumentOutOfRangeException.ThrowIfLessThan(layout.PipelineParallel, 1, nameof(layout));
        ArgumentOutOfRangeException.ThrowIfLessThan(layout.Nodes, 1, nameof(layout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layout.Nodes, layout.PipelineParallel, nameof(layout));
        if (layout.Device.BandwidthGBs <= 0)
            return default;
        var (bytes, operations) = PerRank(layout.TensorParallel);
        var reading = bytes / (layout.Device.BandwidthGBs * 1e6 * BandwidthShare);
        var fixedTime = _layers * LayerMilliseconds;
        var decode = fixedTime + reading + Communication(layout, 1);
        double? prefill = null;
        if (layout.Device.TensorTflops > 0)
        {
            var computing = operations * PrefillTokens / (layout.Device.TensorTflops * 1e9 * ThroughputShare);
            var readingAll = reading + ((_allExpertBytes - _usedExpertBytes) / layout.TensorParallel / (layout.Device.BandwidthGBs * 1e6 * BandwidthShare));
            prefill = PrefillTokens * 1000 / (fixedTime + Math.Max(computing, readingAll) + Communication(layout, PrefillTokens));
        }

        return new SpeedPrediction(1000 / decode, prefill, Calibrated: false);
    }

    /// <summary>Bytes and operations per token of one rank of each stage, summed over the stages.</summary>
    private (double Bytes, double Operations) PerRank(int ranks)
    {
        var bytes = _replicated.Bytes + (_shared.Bytes / ranks);
        var elements = _replicated.Elements + (_shared.Elements / ranks);
        foreach (var (heads, sum) in _keyValue)
        {
            var share = heads > 0 ? Math.Ceiling((double)heads / ranks) / heads : 1.0 / ranks;
            bytes += sum.Bytes * share;
            elements += sum.Elements * share;
        }

        return (bytes, 2 * elements);
    }

    private double Communication(in ServingLayoutFacts layout, int tokens)
    {
        var link = GpuLink.Of(layout.Device);
        var state = _stateBytes * tokens;
        // Stages hand on the state and the residual, in the model's data type.
        var sent = 2 * state;
        var acrossNodes = layout.Nodes - 1;
        var within = layout.PipelineParallel - 1 - acrossNodes;
        var network = layout.Network.RoundTripOrDefault.TotalMilliseconds + (sent * 8 * 1000 / layout.Network.BitsPerSecondOrDefault);
        return (_layers * AllReducesPerLayer * link.AllReduceMilliseconds(state, layout.TensorParallel))
            + (within * link.SendMilliseconds(sent)) + (acrossNodes * network);
    }

    private Weights KeyValue(int heads)
    {
        var found = _keyValue.FindIndex(entry => entry.Heads == heads);
        if (found < 0)
        {
            found = _keyValue.Count;
            _keyValue.Add((heads, new Weights()));
        }

        return _keyValue[found].Sum;
    }

    private sealed class Weights
    {
        public double Bytes { get; private set; }

        public double Elements { get; private set; }

        public void Add(double bytes, double elements)
        {
            Bytes += bytes;
            Elements += elements;
        }
    }
}
