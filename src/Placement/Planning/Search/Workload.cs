using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// A request with everything precomputed that the search asks again and again: the estimator's costs, the speed model, and
/// for every size of device its reach: the last layer it can hold when it starts at a given one.
/// </summary>
internal sealed class Workload
{
    private readonly Dictionary<(long Usable, ReachKind Kind), int[]> _reaches = [];
    private readonly Dictionary<(long Usable, int Gpus, bool Partial), int> _capacities = [];

    /// <summary>What the layers before each one take of <see cref="PlacementRequest.MemoryOverride"/>; null without one.</summary>
    private readonly long[]? _overrideBefore;

    public Workload(PlacementRequest request, LlamaCppLaunch launch)
    {
        Request = request;
        Costs = LlamaCppCosts.Create(launch.Model, launch.Options);
        Speed = new SpeedModel(launch.Model);
        if (request.MemoryOverride is { } total)
            _overrideBefore = Shares(Costs, total);
    }

    /// <summary>Compute buffers depend on whether the device is the only one, and on whether layers stay on the host.</summary>
    private enum ReachKind
    {
        Only,
        OneOfMany,
        Partial,
    }

    public PlacementRequest Request { get; }

    public LlamaCppCosts Costs { get; }

    public SpeedModel Speed { get; }

    /// <summary>Layers that devices can hold, L+1.</summary>
    public int Layers => Costs.OffloadableLayers;

    public long LeaderCpu => Request.CpuRequestMillis;

    public long WorkerCpu => Request.WorkerCpuRequestMillis ?? Request.CpuRequestMillis;

    /// <summary>Host memory that a leader asks for.</summary>
    public Bytes LeaderMemory(int firstOffloaded, int devices) =>
        Bytes.Max(Costs.HostBytes(firstOffloaded, devices) + Request.HostMemoryMargin, Request.LeastHostMemory);

    /// <summary>Host memory that a worker asks for.</summary>
    public Bytes WorkerMemory => Bytes.Max(Request.WorkerHostMemory, Request.LeastHostMemory);

    /// <summary>For each first layer the last layer that fits with it and all between; less than the first when not even that one fits.</summary>
    public int[] Reach(Bytes usable, int devices, bool partial)
    {
        var kind = partial ? ReachKind.Partial : devices == 1 ? ReachKind.Only : ReachKind.OneOfMany;
        if (_reaches.TryGetValue((usable.Value, kind), out var reach))
            return reach;
        reach = new int[Layers];
        for (var first = 0; first < reach.Length; first++)
        {
            int fits = first - 1, tooMany = Layers;
            while (tooMany - fits > 1)
            {
                var middle = (fits + tooMany) / 2;
                if (OnDevice(first, middle, 0, devices, partial) <= usable)
                    fits = middle;
                else
                    tooMany = middle;
            }

            reach[first] = fits;
        }

        return _reaches[(usable.Value, kind)] = reach;
    }

    /// <summary>The most layers that so many equal devices of a larger set can hold, wherever they stand: an upper bound.</summary>
    public int Capacity(Bytes usable, int gpus, bool partial)
    {
        if (_capacities.TryGetValue((usable.Value, gpus, partial), out var best))
            return best;
        var reach = Reach(usable, 2, partial);
        for (var first = 0; first < Layers; first++)
        {
            var next = first;
            for (var gpu = 0; gpu < gpus && next < Layers; gpu++)
                next = reach[next] + 1;
            best = Math.Max(best, next - first);
        }

        return _capacities[(usable.Value, gpus, partial)] = best;
    }

    /// <summary>The last layer that none of the devices can hold, even alone; -1 when each fits somewhere.</summary>
    public int LastWithoutPlace(IEnumerable<NodeClass> classes, bool partial)
    {
        var reaches = classes.Select(c => c.Usable).Distinct().Select(usable => Reach(usable, 2, partial)).ToArray();
        for (var layer = Layers - 1; layer >= 0; layer--)
        {
            if (!Array.Exists(reaches, reach => reach[layer] >= layer))
                return layer;
        }

        return -1;
    }

    /// <summary>What the model takes on so many devices when its layers are shared out evenly, overhead included.</summary>
    public Bytes Need(int devices)
    {
        devices = Math.Clamp(devices, 1, Layers);
        Bytes sum = default;
        for (int device = 0, first = 0; device < devices; device++)
        {
            var last = (int)((long)Layers * (device + 1) / devices) - 1;
            sum += OnDevice(first, last, device, devices, partial: false);
            first = last + 1;
        }

        return sum;
    }

    /// <summary>All that a device takes that holds such layers: the estimate with its overhead, or its share of the user's figure.</summary>
    private Bytes OnDevice(int first, int last, int device, int devices, bool partial) => _overrideBefore is { } before
        ? new Bytes(before[last + 1] - before[first])
        : Costs.DeviceBytes(first, last, device, devices, partial) + Costs.OverheadPerDevice;

    /// <summary>Shares a sum out among the layers by their weights and caches; rounding the running sums keeps the whole exact.</summary>
    private static long[] Shares(LlamaCppCosts costs, Bytes sum)
    {
        var before = new long[costs.OffloadableLayers + 1];
        var parts = new Int128[before.Length];
        for (var layer = 0; layer < costs.OffloadableLayers; layer++)
            parts[layer + 1] = parts[layer] + costs.WeightBytes(layer, layer).Value + costs.KvCacheBytes(layer, layer).Value;
        for (var layer = 1; layer < before.Length; layer++)
            before[layer] = (long)(parts[layer] * sum.Value / Int128.Max(parts[^1], 1));
        return before;
    }
}
