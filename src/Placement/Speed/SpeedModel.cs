using System.Collections.Concurrent;
using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Speed;

/// <summary>
/// Speed of llama.cpp for one request at a short context. The layers of a token run one device after another, so its time is the sum over
/// all devices of <c>a · layers + bytes read / (bandwidth · e)</c>, plus an <see cref="RpcHop"/> per RPC device. A prompt is read in batches
/// of <see cref="PrefillTokens"/>, each with the time <c>b · layers + operations / (tensor throughput · f)</c>, plus the hops.
/// The constants are least squares over the rows of llama.cpp 0.7.0 on H200 (docs/guides/speed.md has them, with their errors). What runs on
/// the host rests on assumptions. Decode times are picoseconds in 64-bit integers, so that sums do not depend on their order.
/// Safe to share between threads.
/// </summary>
public sealed class SpeedModel
{
    /// <summary>Fixed time of a layer when a token is generated, in milliseconds (a).</summary>
    public const double LayerMilliseconds = 0.0902;

    /// <summary>Share of the nominal bandwidth that decoding reaches (e).</summary>
    public const double BandwidthShare = 0.578;

    /// <summary>Tokens of a batch when a prompt is read: llama-server's own micro batch.</summary>
    public const int PrefillTokens = 512;

    /// <summary>Fixed time of a layer per batch of a prompt, in milliseconds (b).</summary>
    public const double PrefillLayerMilliseconds = 0.477;

    /// <summary>Share of the dense 16-bit tensor throughput that reading a prompt reaches (f).</summary>
    public const double ThroughputShare = 0.230;

    /// <summary>Host memory bandwidth that layers on the CPU reach, in GB/s; assumed.</summary>
    public const int HostBandwidthGBs = 60;

    /// <summary>Rate at which weights on the host are copied to the leader's first GPU for each batch of a prompt, in GB/s; assumed (PCIe 4.0 x16).</summary>
    public const double HostCopyGBs = 25;

    /// <summary>Stands in, for ordering only, for the bandwidth of a product that the table does not know.</summary>
    public const int UnknownBandwidthGBs = 300;

    private const double PicosecondsPerMillisecond = 1e9;

    private readonly LayerWork _work;
    private readonly int _embeddingLength;
    private readonly ConcurrentDictionary<int, long[]> _prefixes = new();

    /// <summary>Prepares the model's bytes and operations per layer.</summary>
    /// <param name="model">The model's facts.</param>
    public SpeedModel(LlamaCppModel model)
    {
        _work = new LayerWork(model);
        _embeddingLength = model.EmbeddingLength;
    }

    /// <summary>Bytes of each layer (the output layer last) that one token reads.</summary>
    public ImmutableArray<long> ActiveBytesPerLayer => _work.ActiveBytes;

    /// <summary>Predicts the speed of a layout. What the devices do not hold is on the leader's host; the figures are not calibrated then.</summary>
    /// <param name="layersPerDevice">Layers per device, in llama.cpp's order: RPC devices, then the leader's.</param>
    /// <param name="devices">The devices, in the same order.</param>
    /// <param name="hops">One for each RPC device: these are the first of the devices.</param>
    /// <returns>The prediction; without figures where a device with layers is unknown.</returns>
    /// <exception cref="ArgumentException">The lists do not belong together.</exception>
    public SpeedPrediction Predict(ReadOnlySpan<int> layersPerDevice, ReadOnlySpan<DeviceSpeed> devices, ReadOnlySpan<RpcHop> hops)
    {
        if (devices.Length != layersPerDevice.Length || hops.Length > devices.Length)
            throw new ArgumentException($"{layersPerDevice.Length} counts of layers, {devices.Length} devices and {hops.Length} RPC devices do not belong together.", nameof(devices));
        Span<int> bandwidths = stackalloc int[64];
        bandwidths = devices.Length <= bandwidths.Length ? bandwidths[..devices.Length] : new int[devices.Length];
        for (var i = 0; i < devices.Length; i++)
        {
            bandwidths[i] = devices[i].BandwidthGBs;
            if (bandwidths[i] <= 0 && layersPerDevice[i] > 0)
                return default;
        }

        var picoseconds = TokenPicoseconds(layersPerDevice, bandwidths, hops);
        return picoseconds <= 0
            ? default
            : new(1000 * PicosecondsPerMillisecond / picoseconds, Prefill(layersPerDevice, devices, hops), FirstOffloaded(layersPerDevice) == 0);
    }

    /// <summary>Time of a token.</summary>
    internal long TokenPicoseconds(ReadOnlySpan<int> layersPerDevice, ReadOnlySpan<int> bandwidthsGBs, ReadOnlySpan<RpcHop> hops)
    {
        var time = LayersPicoseconds(layersPerDevice, bandwidthsGBs);
        foreach (var hop in hops)
            time += HopPicoseconds(hop);
        return time;
    }

    /// <summary>What a hop adds to the time of a token.</summary>
    internal long HopPicoseconds(in RpcHop hop) => (long)(hop.DecodeMilliseconds(_embeddingLength) * PicosecondsPerMillisecond);

    /// <summary>Running sums of the layers' times on a device of that bandwidth; entry i is the time of the first i layers.</summary>
    internal long[] Prefix(int bandwidthGBs)
    {
        if (bandwidthGBs <= 0)
            bandwidthGBs = UnknownBandwidthGBs;
        return _prefixes.TryGetValue(bandwidthGBs, out var prefix) ? prefix : _prefixes.GetOrAdd(bandwidthGBs, Sum(_work.ActiveBytes, bandwidthGBs));
    }

    private static long[] Sum(ImmutableArray<long> bytes, int bandwidthGBs)
    {
        var prefix = new long[bytes.Length + 1];
        for (var i = 0; i < bytes.Length; i++)
        {
            var milliseconds = LayerMilliseconds + (bytes[i] / (bandwidthGBs * 1e6 * BandwidthShare));
            prefix[i + 1] = prefix[i] + (long)(milliseconds * PicosecondsPerMillisecond);
        }

        return prefix;
    }

    private int FirstOffloaded(ReadOnlySpan<int> layersPerDevice)
    {
        var offloaded = 0;
        foreach (var layers in layersPerDevice)
            offloaded += layers;
        return _work.Bytes.Length - offloaded;
    }

    private long LayersPicoseconds(ReadOnlySpan<int> layersPerDevice, ReadOnlySpan<int> bandwidthsGBs)
    {
        var first = FirstOffloaded(layersPerDevice);
        var time = Prefix(HostBandwidthGBs)[first];
        for (var i = 0; i < layersPerDevice.Length; i++)
        {
            var prefix = Prefix(bandwidthsGBs[i]);
            time += prefix[first + layersPerDevice[i]] - prefix[first];
            first += layersPerDevice[i];
        }

        return time;
    }

    private double? Prefill(ReadOnlySpan<int> layersPerDevice, ReadOnlySpan<DeviceSpeed> devices, ReadOnlySpan<RpcHop> hops)
    {
        var layer = FirstOffloaded(layersPerDevice);
        var milliseconds = 0.0;
        if (layer > 0)
        {
            // llama.cpp copies weights from the host to the leader's first GPU for batches of 32 tokens and more.
            if (hops.Length == devices.Length || devices[hops.Length].TensorTflops <= 0)
                return null;
            for (var i = 0; i < layer; i++)
                milliseconds += PrefillMilliseconds(i, devices[hops.Length]) + (_work.Bytes[i] / (HostCopyGBs * 1e6));
        }

        for (var device = 0; device < devices.Length; device++)
        {
            if (layersPerDevice[device] > 0 && devices[device].TensorTflops <= 0)
                return null;
            for (var end = layer + layersPerDevice[device]; layer < end; layer++)
                milliseconds += PrefillMilliseconds(layer, devices[device]);
        }

        foreach (var hop in hops)
            milliseconds += hop.PrefillMilliseconds(_embeddingLength, PrefillTokens);
        return PrefillTokens * 1000 / milliseconds;
    }

    /// <summary>Time of a batch in one layer: computing, or reading its weights where that takes longer (mixtures use all experts, but each for few tokens).</summary>
    private double PrefillMilliseconds(int layer, in DeviceSpeed device) =>
        PrefillLayerMilliseconds + Math.Max(
            PrefillTokens * _work.Operations[layer] / (device.TensorTflops * 1e9 * ThroughputShare),
            _work.Bytes[layer] / (device.BandwidthGBs * 1e6 * BandwidthShare));
}
