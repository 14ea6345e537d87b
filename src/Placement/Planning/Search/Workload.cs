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

    public Workload(PlacementRequest request)
    {
        Request = request;
        Costs = LlamaCppCosts.Create(request.Model, request.Options);
        Speed = new SpeedModel(request.Model);
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
    public Bytes LeaderMemory(int firstOffloaded, int devices) => Costs.HostBytes(firstOffloaded, devices) + Request.HostMemoryMargin;

    /// <summary>For each first layer the last layer that fits with it and all between; less than the first when not even that one fits.</summary>
    public int[] Reach(Bytes usable, int devices, bool partial)
    {
        var kind = partial ? ReachKind.Partial : devices == 1 ? ReachKind.Only : ReachKind.OneOfMany;
        if (_reaches.TryGetValue((usable.Value, kind), out var reach))
            return reach;
        reach = new int[Layers];
        var room = usable - Costs.OverheadPerDevice;
        for (var first = 0; first < reach.Length; first++)
        {
            int fits = first - 1, tooMany = Layers;
            while (tooMany - fits > 1)
            {
                var middle = (fits + tooMany) / 2;
                if (Costs.DeviceBytes(first, middle, 0, devices, partial) <= room)
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
            sum += Costs.DeviceBytes(first, last, device, devices, partialOffload: false) + Costs.OverheadPerDevice;
            first = last + 1;
        }

        return sum;
    }
}
