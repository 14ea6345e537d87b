using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning.Search;

/// <summary>A request with what the search asks again and again; what depends on the launch alone is shared (<see cref="LaunchTables"/>).</summary>
internal sealed class Workload
{
    private readonly LaunchTables _tables;

    /// <summary>What the layers before each one take of <see cref="PlacementRequest.MemoryOverride"/>; null without one.</summary>
    private readonly long[]? _overrideBefore;
    private readonly Dictionary<long, DeviceReach> _overrideReaches = [];

    public Workload(PlacementRequest request, LlamaCppLaunch launch)
    {
        Request = request;
        _tables = LaunchTables.Of(launch);
        if (request.MemoryOverride is { } total)
            _overrideBefore = Shares(Costs, total);
        SizeBefore = SizesBefore();
    }

    public PlacementRequest Request { get; }

    /// <summary>The most devices of a group: a limit of the engine, and one layer each at least.</summary>
    public int MostDevices => Math.Min(Request.MostDevices, Layers);

    public LlamaCppCosts Costs => _tables.Costs;

    public SpeedModel Speed => _tables.Speed;

    /// <summary>Layers that devices can hold, L+1.</summary>
    public int Layers => Costs.OffloadableLayers;

    /// <summary>
    /// The size of the layers before each one, the unit in which nodes are compared: bytes, but no layer counts for more than a middle
    /// one. So nodes of equal devices hold about equally much wherever they stand, although layers differ.
    /// </summary>
    public long[] SizeBefore { get; }

    /// <summary>The size of the layers from one on.</summary>
    public long SizeFrom(int layer) => SizeBefore[^1] - SizeBefore[layer];

    /// <summary>What a node alone can hold at best of a partial offload, in the unit of <see cref="SizeBefore"/>.</summary>
    public long SizeWithHost(Bytes usable, int gpus) => gpus <= 0
        ? 0
        : Reach(usable, RangeKind.AfterHost).Capacity(1, SizeBefore) + Reach(usable, RangeKind.Plain).Capacity(gpus - 1, SizeBefore);

    public long LeaderCpu => Request.CpuRequestMillis;

    public long WorkerCpu => Request.WorkerCpuRequestMillis ?? Request.CpuRequestMillis;

    /// <summary>Host memory that a leader asks for.</summary>
    public Bytes LeaderMemory(int firstOffloaded, int devices) =>
        Bytes.Max(Costs.HostBytes(firstOffloaded, devices) + Request.HostMemoryMargin, Request.LeastHostMemory);

    /// <summary>Host memory that a worker asks for.</summary>
    public Bytes WorkerMemory => Bytes.Max(Request.WorkerHostMemory, Request.LeastHostMemory);

    /// <summary>The kind of a device by its place among those of a group.</summary>
    public static RangeKind Kind(int device, int devices, bool partial) => (partial, device, devices) switch
    {
        (true, 0, _) => RangeKind.AfterHost,
        (false, _, > 1) => RangeKind.Pipelined,
        _ => RangeKind.Plain,
    };

    /// <summary>How far devices of a size get.</summary>
    public DeviceReach Reach(Bytes usable, RangeKind kind)
    {
        if (_overrideBefore is null)
            return _tables.Reach(usable, kind);
        if (!_overrideReaches.TryGetValue(usable.Value, out var reach))
            _overrideReaches[usable.Value] = reach = LaunchTables.Find(Layers, (first, last) => Holds(usable, kind, first, last));
        return reach;
    }

    /// <summary>A device holds these layers: by the estimate with its overhead, or by their share of the user's figure.</summary>
    public bool Holds(Bytes usable, RangeKind kind, int first, int last) => _overrideBefore is { } before
        ? before[last + 1] - before[first] <= usable.Value
        : _tables.Holds(usable, kind, first, last);

    /// <summary>The most layers that so many equal devices of a larger set can hold, wherever they stand: an upper bound.</summary>
    public int Capacity(Bytes usable, int gpus, bool partial)
    {
        if (gpus <= 0)
            return 0;
        if (!partial)
            return Reach(usable, RangeKind.Pipelined).Capacity(gpus);
        var (first, rest) = (Reach(usable, RangeKind.AfterHost), Reach(usable, RangeKind.Plain));
        return Math.Max(rest.Capacity(gpus), first.Capacity(1) + rest.Capacity(gpus - 1));
    }

    /// <summary>What the model takes on so many devices when its layers are shared out evenly, overhead included.</summary>
    public Bytes Need(int devices)
    {
        devices = Math.Clamp(devices, 1, Layers);
        Bytes sum = default;
        for (int device = 0, first = 0; device < devices; device++)
        {
            var last = (int)((long)Layers * (device + 1) / devices) - 1;
            sum += OnDevice(first, last, device, devices);
            first = last + 1;
        }

        return sum;
    }

    private Bytes OnDevice(int first, int last, int device, int devices) => _overrideBefore is { } before
        ? new Bytes(before[last + 1] - before[first])
        : Costs.DeviceBytes(first, last, device, devices, partialOffload: false) + Costs.OverheadPerDevice;

    private long[] SizesBefore()
    {
        var sizes = new long[Layers];
        for (var layer = 0; layer < sizes.Length; layer++)
            sizes[layer] = _overrideBefore is { } before ? before[layer + 1] - before[layer] : (Costs.WeightBytes(layer, layer) + Costs.KvCacheBytes(layer, layer)).Value;
        long[] sorted = [.. sizes.Order()];
        var sum = new long[Layers + 1];
        for (var layer = 0; layer < sizes.Length; layer++)
            sum[layer + 1] = sum[layer] + 1 + Math.Min(sizes[layer], sorted[sorted.Length / 2]);
        return sum;
    }

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
