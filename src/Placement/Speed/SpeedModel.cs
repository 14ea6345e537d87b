using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp;

namespace GpuStack.Placement.Speed;

/// <summary>
/// Decode speed of one request at a short context. The layers of a token run one device after another, so the time of a
/// token is the sum over all devices of
/// <c>a · layers + bytes read / (bandwidth · e)</c>, plus <see cref="HopMilliseconds"/> and a round trip per RPC device.
/// a, e and the hop were fitted on llama.cpp 0.7.0 with two H200 (dense 32B Q4_K_M: within 3 %). Of a mixture's experts
/// only those used are read. Layers on the host run at <see cref="HostBandwidthGBs"/>, which is an assumption, not a fit.
/// Units inside: picoseconds in 64-bit integers, so that sums do not depend on their order.
/// </summary>
public sealed class SpeedModel
{
    /// <summary>Fixed time of a layer, in milliseconds (a).</summary>
    public const double LayerMilliseconds = 0.087;

    /// <summary>Share of the nominal bandwidth that decoding reaches (e).</summary>
    public const double BandwidthShare = 0.57;

    /// <summary>Fixed time of handing a token's state to an RPC device and back, in milliseconds.</summary>
    public const double HopMilliseconds = 1.3;

    /// <summary>Round trip assumed between two nodes of a data centre, in milliseconds.</summary>
    public const double RoundTripMilliseconds = 0.2;

    /// <summary>Host memory bandwidth that layers on the CPU reach, in GB/s; assumed.</summary>
    public const int HostBandwidthGBs = 60;

    /// <summary>Stands in, for ordering only, for the bandwidth of a product that the table does not know.</summary>
    public const int UnknownBandwidthGBs = 300;

    private const double PicosecondsPerMillisecond = 1e9;

    private readonly ImmutableArray<long> _activeBytes;
    private readonly Dictionary<int, long[]> _prefixes = [];

    /// <summary>Prepares the model's bytes per layer.</summary>
    /// <param name="model">The model's facts.</param>
    public SpeedModel(LlamaCppModel model) => _activeBytes = ActiveBytes(model);

    /// <summary>Bytes of each layer (the output layer last) that one token reads.</summary>
    public ImmutableArray<long> ActiveBytesPerLayer => _activeBytes;

    /// <summary>Predicts the decode speed.</summary>
    /// <param name="layersPerDevice">Layers per device, in llama.cpp's order.</param>
    /// <param name="bandwidthsGBs">Bandwidth per device; zero where unknown.</param>
    /// <param name="rpcDevices">How many of the devices, from the front, are RPC devices.</param>
    /// <param name="roundTripMilliseconds">Round trip between leader and worker.</param>
    /// <returns>Tokens per second, or null when a bandwidth is unknown.</returns>
    public double? TokensPerSecond(
        IReadOnlyList<int> layersPerDevice, IReadOnlyList<int> bandwidthsGBs, int rpcDevices, double roundTripMilliseconds = RoundTripMilliseconds)
    {
        for (var i = 0; i < layersPerDevice.Count; i++)
        {
            if (bandwidthsGBs[i] <= 0 && layersPerDevice[i] > 0)
                return null;
        }

        var picoseconds = TokenPicoseconds(layersPerDevice, bandwidthsGBs, rpcDevices, roundTripMilliseconds);
        return picoseconds > 0 ? 1000 * PicosecondsPerMillisecond / picoseconds : null;
    }

    internal long TokenPicoseconds(IReadOnlyList<int> layersPerDevice, IReadOnlyList<int> bandwidthsGBs, int rpcDevices, double roundTripMilliseconds)
    {
        var offloaded = 0;
        for (var i = 0; i < layersPerDevice.Count; i++)
            offloaded += layersPerDevice[i];
        var first = _activeBytes.Length - offloaded;
        var time = Prefix(HostBandwidthGBs)[first];
        for (var i = 0; i < layersPerDevice.Count; i++)
        {
            var prefix = Prefix(bandwidthsGBs[i]);
            time += prefix[first + layersPerDevice[i]] - prefix[first];
            first += layersPerDevice[i];
            if (i < rpcDevices)
                time += (long)((HopMilliseconds + roundTripMilliseconds) * PicosecondsPerMillisecond);
        }

        return time;
    }

    /// <summary>Running sums of the layers' times on a device of that bandwidth; entry i is the time of the first i layers.</summary>
    internal long[] Prefix(int bandwidthGBs)
    {
        if (bandwidthGBs <= 0)
            bandwidthGBs = UnknownBandwidthGBs;
        if (_prefixes.TryGetValue(bandwidthGBs, out var prefix))
            return prefix;
        prefix = new long[_activeBytes.Length + 1];
        for (var i = 0; i < _activeBytes.Length; i++)
        {
            var milliseconds = LayerMilliseconds + (_activeBytes[i] / (bandwidthGBs * 1e6 * BandwidthShare));
            prefix[i + 1] = prefix[i] + (long)(milliseconds * PicosecondsPerMillisecond);
        }

        return _prefixes[bandwidthGBs] = prefix;
    }

    private static ImmutableArray<long> ActiveBytes(LlamaCppModel model)
    {
        if (model.ExpertCount <= 0 || model.ParameterCount <= 0)
            return model.LayerWeights;
        // Three matrices of E·X per expert. Blocks much smaller than their mean size are dense. The rest of the parameters, less the
        // embeddings, is shared out over all blocks, for how a block's bytes divide is not among the model's facts.
        var experts = 3.0 * model.EmbeddingLength * model.ExpertFeedForwardLength * model.ExpertCount;
        var dense = 0.5 * experts * model.TotalWeightBytes.Value / model.ParameterCount;
        var mixtures = model.LayerWeights.Take(model.BlockCount).Count(all => all > dense);
        var others = model.ParameterCount - (mixtures * experts) - (2.0 * model.EmbeddingLength * model.VocabularySize);
        var share = experts / (experts + Math.Max(0, others / model.BlockCount));
        var unused = 1 - Math.Clamp((double)model.ExpertUsedCount / model.ExpertCount, 0, 1);
        var active = ImmutableArray.CreateBuilder<long>(model.LayerWeights.Length);
        for (var layer = 0; layer < model.LayerWeights.Length; layer++)
        {
            var all = model.LayerWeights[layer];
            active.Add(layer < model.BlockCount && all > dense ? (long)(all * (1 - (share * unused))) : all);
        }

        return active.MoveToImmutable();
    }
}
