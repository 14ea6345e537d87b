using System.Collections.Immutable;
using GpuStack.Modeling.LlamaCpp.Parts;

namespace GpuStack.Modeling.LlamaCpp.Fits;

/// <summary>
/// What fits a given memory per device: contexts, layers, splits. Every answer is checked with the whole estimate; searches rely
/// on memory that never shrinks with the context, and on ranges of layers that never need less when they grow.
/// </summary>
public sealed class FitSearch
{
    private const long ContextStep = 256;

    /// <summary>llama.cpp counts cells in 32 bits, over all requests.</summary>
    private const long MaximumCells = 1L << 31;

    private readonly LlamaCppServer _server;
    private readonly ImmutableArray<Bytes> _usable;
    private readonly int _rpcDevices;
    private readonly IReadOnlyList<float>? _shares;

    private FitSearch(LlamaCppServer server, ImmutableArray<Bytes> usable, int rpcDevices, IReadOnlyList<float>? shares)
    {
        _shares = shares;
        _server = server;
        _usable = usable;
        _rpcDevices = rpcDevices;
    }

    /// <summary>Prepares a search.</summary>
    /// <param name="server">What is loaded.</param>
    /// <param name="usable">Memory of each device that the server may use, RPC devices first; at least one device.</param>
    /// <param name="rpcDevices">How many devices, from the front, are RPC devices.</param>
    /// <param name="shares">The tensor split, one share for each device; null: the best split is looked for.</param>
    /// <exception cref="ArgumentException">There are no devices, or the numbers of devices differ.</exception>
    public static FitSearch Create(LlamaCppServer server, ImmutableArray<Bytes> usable, int rpcDevices, IReadOnlyList<float>? shares = null)
    {
        if (usable.IsDefaultOrEmpty || rpcDevices < 0 || rpcDevices > usable.Length || (shares is not null && shares.Count != usable.Length))
        {
            throw new ArgumentException("A search needs devices, and a share for each where there are shares.", nameof(usable));
        }

        return new FitSearch(server, usable, rpcDevices, shares);
    }

    /// <summary>A split of all layers that fits at the options' context; null when there is none.</summary>
    public DeviceSplit? Split(LlamaCppOptions options) => Split(options, _server.Model.BlockCount + 1);

    /// <summary>The largest context per request with every layer on a device; null when not even the shortest fits.</summary>
    public ContextFit? LargestContext(LlamaCppOptions options)
    {
        long own = _server.Model.ContextLength.Value;
        long most = MaximumCells / options.ParallelRequests / ContextStep;
        if (own > 0)
        {
            most = Math.Min(most, (own + ContextStep - 1) / ContextStep);
        }

        long fits = 0, fails = most + 1;
        DeviceSplit? best = null;
        while (fails - fits > 1)
        {
            long middle = fits + ((fails - fits) / 2);
            if (Split(options with { ContextLength = new Tokens(Context(middle, own)) }) is { } split)
            {
                (fits, best) = (middle, split);
            }
            else
            {
                fails = middle;
            }
        }

        return best is null ? null : new ContextFit { Context = new Tokens(Context(fits, own)), Split = best, LimitedByModel = own > 0 && fits == most };
    }

    /// <summary>The most layers that fit at the options' context, the others on the host.</summary>
    public LayerFit MostLayers(LlamaCppOptions options)
    {
        for (int layers = _server.Model.BlockCount + 1; layers > 0; layers--)
        {
            if (Split(options, layers) is { } split)
            {
                return new LayerFit { Layers = layers, Split = split };
            }
        }

        return new LayerFit { Layers = 0, Split = Of(new int[_usable.Length]) };
    }

    /// <summary>Whether every device of an estimate has the memory that it needs.</summary>
    public bool Fits(MemoryEstimate estimate)
    {
        for (int device = 0; device < _usable.Length; device++)
        {
            if (estimate.Devices[device].Total > _usable[device])
            {
                return false;
            }
        }

        return true;
    }

    private static long Context(long steps, long own) => own > 0 ? Math.Min(own, steps * ContextStep) : steps * ContextStep;

    private DeviceSplit? Split(LlamaCppOptions options, int layers)
    {
        if (_shares is not null)
        {
            DeviceSplit given = new() { LayersPerDevice = LayerSplit.LayersPerDevice(layers, _shares), RpcDevices = _rpcDevices };
            return Fits(_server.Estimate(options, given, _shares)) ? given : null;
        }

        return BestSplit(options, layers);
    }

    /// <summary>
    /// Fills device after device with as many layers as it holds. The other parts' memory depends on the split in turn (a draft
    /// follows it): it is taken from the split found last, until that is no longer changed.
    /// </summary>
    private DeviceSplit? BestSplit(LlamaCppOptions options, int layers)
    {
        const int Rounds = 6;
        LlamaCppCosts costs = LlamaCppCosts.Create(_server.Model, options);
        var others = new Bytes[_usable.Length];
        for (int round = 0; round < Rounds; round++)
        {
            if (Fill(costs, layers, others) is not { } counts)
            {
                return null;
            }

            DeviceSplit split = Of(counts);
            MemoryEstimate estimate = _server.Estimate(options, split);
            if (Fits(estimate) && LayerSplit.Reproduces(counts))
            {
                return split;
            }

            bool changed = false;
            for (int device = 0; device < others.Length; device++)
            {
                Bytes beside = BesideModel(estimate, device);
                changed |= beside > others[device];
                others[device] = Bytes.Max(others[device], beside);
            }

            if (!changed)
            {
                return null;
            }
        }

        return null;
    }

    private static Bytes BesideModel(MemoryEstimate estimate, int device)
    {
        Bytes sum = default;
        foreach (MemoryPart part in estimate.Parts)
        {
            sum += part.Kind == MemoryPartKind.Model ? default : part.Devices[device].Total;
        }

        return sum;
    }

    private int[]? Fill(LlamaCppCosts costs, int layers, Bytes[] others)
    {
        bool partial = layers < costs.OffloadableLayers;
        int first = costs.OffloadableLayers - layers;
        var counts = new int[_usable.Length];
        for (int device = 0; device < counts.Length && first < costs.OffloadableLayers; device++)
        {
            Bytes room = _usable[device] - others[device] - costs.OverheadPerDevice;
            int fits = first - 1, fails = costs.OffloadableLayers;
            while (fails - fits > 1)
            {
                int last = fits + ((fails - fits) / 2);
                if (costs.DeviceBytes(first, last, device, counts.Length, partial) <= room)
                {
                    fits = last;
                }
                else
                {
                    fails = last;
                }
            }

            counts[device] = fits + 1 - first;
            first = fits + 1;
        }

        return first < costs.OffloadableLayers ? null : counts;
    }

    private DeviceSplit Of(int[] counts) => new() { LayersPerDevice = ImmutableArray.Create(counts), RpcDevices = _rpcDevices };
}
