using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp.Graphs;

namespace GpuStack.Modeling.LlamaCpp;

/// <summary>
/// What llama.cpp books on every device for a model under given options, precomputed so that a planner can ask for any
/// range of layers in constant time. Immutable and safe to share.
/// </summary>
public sealed class LlamaCppCosts
{
    private readonly LlamaCppModel _model;
    private readonly LlamaCppContext _context;
    private readonly GraphBuffers _compute;
    private readonly long[] _weightsBefore;
    private readonly long[] _cacheBefore;

    private LlamaCppCosts(LlamaCppModel model, LlamaCppOptions options)
    {
        _model = model;
        _context = LlamaCppContext.Of(model, options);
        _compute = new GraphBuffers(model, options, _context);
        _weightsBefore = new long[model.BlockCount + 2];
        _cacheBefore = new long[model.BlockCount + 2];
        for (int layer = 0; layer <= model.BlockCount; layer++)
        {
            _weightsBefore[layer + 1] = checked(_weightsBefore[layer] + model.LayerWeights[layer]);
            long cache = layer < model.BlockCount ? _context.CacheBytes(model, options, layer) : 0;
            _cacheBefore[layer + 1] = checked(_cacheBefore[layer] + cache);
        }
    }

    /// <summary>Transformer blocks, L.</summary>
    public int BlockCount => _model.BlockCount;

    /// <summary>Layers that can be offloaded, L+1; the output layer has the index L.</summary>
    public int OffloadableLayers => _model.BlockCount + 1;

    /// <summary>
    /// The stated margin per device for what llama.cpp does not book: the GPU process's context and libraries
    /// (300 to 600 MiB with CUDA).
    /// </summary>
    public Bytes OverheadPerDevice { get; } = Bytes.FromMiB(512);

    /// <summary>Precomputes the costs of a model under options.</summary>
    /// <exception cref="ArgumentException">The context is not positive, or exceeds 2^31 tokens over all requests.</exception>
    public static LlamaCppCosts Create(LlamaCppModel model, LlamaCppOptions options) =>
        new(model, GraphRecipe.Of(model.Architecture).NoFlashAttention ? options with { FlashAttention = false } : options);

    /// <summary>Weights that a device holding layers <paramref name="first"/>..<paramref name="last"/> (inclusive) books.</summary>
    public Bytes WeightBytes(int first, int last)
    {
        if (last < first)
        {
            return default;
        }

        long shared = first < BlockCount ? _model.SharedWeights.Value : 0;
        return new(_weightsBefore[last + 1] - _weightsBefore[first] + shared);
    }

    /// <summary>Key and value cache, and recurrent state, of layers <paramref name="first"/>..<paramref name="last"/> (inclusive).</summary>
    public Bytes KvCacheBytes(int first, int last) => last < first ? default : new(_cacheBefore[last + 1] - _cacheBefore[first]);

    /// <summary>
    /// Weights, cache and compute buffer of a device that holds layers <paramref name="first"/>..<paramref name="last"/>
    /// (inclusive; last &lt; first is none), without <see cref="OverheadPerDevice"/>.
    /// </summary>
    /// <param name="first">The first layer held.</param>
    /// <param name="last">The last layer held.</param>
    /// <param name="device">The device's position, RPC devices first.</param>
    /// <param name="deviceCount">Devices that llama.cpp uses in all.</param>
    /// <param name="partialOffload">Whether some layer stays on the host.</param>
    public Bytes DeviceBytes(int first, int last, int device, int deviceCount, bool partialOffload) =>
        WeightBytes(first, last) + KvCacheBytes(first, last) + ComputeBytes(first, last, device, deviceCount, partialOffload);

    /// <summary>The compute buffer of such a device; see <see cref="DeviceBytes"/>.</summary>
    public Bytes ComputeBytes(int first, int last, int device, int deviceCount, bool partialOffload) =>
        last < first ? default : new(_compute.OnDevice(first, last, partialOffload && device == 0, deviceCount > 1 && !partialOffload));

    /// <summary>
    /// All that llama-server books on the host when layers from <paramref name="firstOffloadedLayer"/> on are on devices
    /// (0: every layer; <see cref="OffloadableLayers"/>: none).
    /// </summary>
    public Bytes HostBytes(int firstOffloadedLayer, int deviceCount)
    {
        (Bytes weights, Bytes cache, Bytes compute) = Host(firstOffloadedLayer, deviceCount);
        return weights + cache + compute + OutputBuffer;
    }

    /// <summary>The whole estimate for a split: every device, then the host.</summary>
    /// <exception cref="ArgumentException">The split offloads more layers than the model has, or a negative number.</exception>
    public MemoryEstimate Estimate(DeviceSplit split)
    {
        int deviceCount = split.LayersPerDevice.Length;
        int offloaded = 0;
        foreach (int layers in split.LayersPerDevice)
        {
            if (layers < 0)
            {
                throw new ArgumentException("A device cannot hold a negative number of layers.", nameof(split));
            }

            offloaded = checked(offloaded + layers);
        }

        if (offloaded > OffloadableLayers)
        {
            throw new ArgumentException($"The split holds {offloaded} layers, but the model has {OffloadableLayers}.", nameof(split));
        }

        int firstOffloaded = OffloadableLayers - offloaded;
        bool partial = firstOffloaded > 0;
        ImmutableArray<DeviceMemory>.Builder devices = ImmutableArray.CreateBuilder<DeviceMemory>(deviceCount + 1);
        int first = firstOffloaded;
        for (int device = 0; device < deviceCount; device++)
        {
            int layers = split.LayersPerDevice[device];
            int last = first + layers - 1;
            devices.Add(new DeviceMemory
            {
                Kind = device < split.RpcDevices ? DeviceKind.Rpc : DeviceKind.Gpu,
                Index = device,
                FirstLayer = layers > 0 ? first : null,
                LastLayer = layers > 0 ? last : null,
                Weight = WeightBytes(first, last),
                KvCache = KvCacheBytes(first, last),
                Compute = ComputeBytes(first, last, device, deviceCount, partial),
                Overhead = OverheadPerDevice,
            });
            first += layers;
        }

        (Bytes weights, Bytes cache, Bytes compute) = Host(firstOffloaded, deviceCount);
        devices.Add(new DeviceMemory
        {
            Kind = DeviceKind.Host,
            FirstLayer = partial ? 0 : null,
            LastLayer = partial ? firstOffloaded - 1 : null,
            Weight = weights,
            KvCache = cache,
            Compute = compute,
            Overhead = OutputBuffer,
        });
        return new MemoryEstimate
        {
            Model = _model.Name,
            Architecture = _model.Architecture,
            Layers = BlockCount,
            Parameters = _model.ParameterCount,
            Devices = devices.MoveToImmutable(),
            UpperBound = !_model.KnownArchitecture,
        };
    }

    /// <summary>Booked on the host, yet in none of the rows that llama-server sums up there.</summary>
    private Bytes OutputBuffer => new(_context.OutputBufferBytes(_model));

    private (Bytes Weights, Bytes Cache, Bytes Compute) Host(int firstOffloadedLayer, int deviceCount)
    {
        int last = firstOffloadedLayer - 1;
        Bytes weights = _model.InputWeights + WeightBytes(0, last);
        if (firstOffloadedLayer > BlockCount)
        {
            // With the output layer on the host as well, tied embeddings are there once.
            weights -= _model.TiedOutputWeights;
        }

        Bytes compute = new(_compute.OnHost(firstOffloadedLayer, deviceCount));
        return (weights, KvCacheBytes(0, last), compute);
    }
}
