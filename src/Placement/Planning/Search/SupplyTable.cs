using GpuStack.Modeling;

namespace GpuStack.Placement.Planning.Search;

/// <summary>The nodes that may stand in one group of several, by shape. A class is looked at once, its nodes never.</summary>
internal sealed class SupplyTable
{
    private readonly Workload _workload;
    private readonly bool _partial;
    private readonly Bytes _leaderMemory;
    private readonly Dictionary<ShapeKey, int> _places = [];
    private readonly int[] _deviceRanks;

    /// <param name="workload">The request.</param>
    /// <param name="classes">Classes that may stand in one group.</param>
    /// <param name="partial">Layers may stay on the leader's host.</param>
    /// <param name="start">The first layer on a device.</param>
    public SupplyTable(Workload workload, IReadOnlyCollection<NodeClass> classes, bool partial, int start)
    {
        (_workload, _partial) = (workload, partial);
        _leaderMemory = partial ? workload.LeaderMemory(start, 2) : default;
        var supplies = new Dictionary<ShapeKey, Supply>();
        foreach (var c in classes)
        {
            var key = Key(c);
            if (!supplies.TryGetValue(key, out var supply))
                supplies[key] = supply = new Supply(new NodeShape(workload, key, partial, start));
            supply.Add(c);
            Nodes += c.Count;
        }

        var sorted = supplies.ToArray();
        Array.Sort(sorted, (a, b) => NodeShape.CompareStrength(a.Value.Shape, b.Value.Shape));
        for (var i = 0; i < sorted.Length; i++)
            _places[sorted[i].Key] = i;
        Supplies = Array.ConvertAll(sorted, s => s.Value);
        DeviceCapacities = [.. Supplies.Select(s => s.Shape.DeviceCapacity).Distinct().OrderDescending()];
        _deviceRanks = Array.ConvertAll(sorted, s => Array.IndexOf(DeviceCapacities, s.Value.Shape.DeviceCapacity));
    }

    /// <summary>The nodes of all domains, sorted by shape.</summary>
    public Supply[] Supplies { get; }

    public int Nodes { get; }

    /// <summary>The most devices of a group.</summary>
    public int MostDevices => _workload.MostDevices;

    /// <summary>What devices hold at best, the most first, each figure once.</summary>
    public long[] DeviceCapacities { get; }

    /// <summary>The index among <see cref="DeviceCapacities"/> of a supply's devices.</summary>
    public int DeviceRankOf(int place) => _deviceRanks[place];

    /// <summary>The index among <see cref="Supplies"/> of a class's shape.</summary>
    public int PlaceOf(NodeClass c) => _places[Key(c)];

    /// <summary>What so many nodes hold at best, in the unit of <see cref="Workload.SizeBefore"/>.</summary>
    public long Strongest(int nodes)
    {
        var held = 0L;
        foreach (var supply in Supplies)
        {
            var take = Math.Min(nodes, supply.Count);
            held += take * supply.Shape.Capacity;
            nodes -= take;
        }

        return held;
    }

    /// <summary>The least count of nodes of which the strongest could hold so much; no count at all when none can.</summary>
    public int FewestNodes(long size)
    {
        var nodes = 0;
        foreach (var supply in Supplies)
        {
            var each = supply.Shape.Capacity;
            if (each == 0)
                break;
            var take = (int)Math.Min(supply.Count, (size + each - 1) / each);
            nodes += take;
            size -= take * each;
            if (size <= 0)
                return nodes;
        }

        return int.MaxValue;
    }

    /// <summary>What so many devices hold at best, the largest first, in the unit of <see cref="Workload.SizeBefore"/>.</summary>
    public long LargestDevices(int devices)
    {
        var held = 0L;
        foreach (var each in DeviceCapacities)
        {
            if (devices == 0)
                break;
            for (var place = 0; place < Supplies.Length && devices > 0; place++)
            {
                var supply = Supplies[place];
                if (supply.Shape.DeviceCapacity != each)
                    continue;
                var take = (int)Math.Min((long)supply.Count * supply.Shape.Gpus, devices);
                held += take * each;
                devices -= take;
            }
        }

        return held;
    }

    /// <summary>Some set of so many nodes may hold so much with the devices that a group may have. The strongest nodes are taken to hold it with all of theirs.</summary>
    public bool MayHold(int nodes, long size)
    {
        var (left, devices) = (nodes, 0L);
        foreach (var supply in Supplies)
        {
            var take = Math.Min(left, supply.Count);
            devices += (long)take * supply.Shape.Gpus;
            left -= take;
            if (left == 0)
                break;
        }

        if (devices <= _workload.MostDevices)
            return true;
        // The table for few nodes is small, and mostly few do.
        var bound = new DeviceBound(_workload.MostDevices);
        bound.Begin(null, Supplies, Array.ConvertAll(Supplies, supply => supply.Count), nodes);
        return bound.MayHold(0, 0, nodes, _workload.MostDevices, size);
    }

    private ShapeKey Key(NodeClass c)
    {
        var leads = _partial ? _leaderMemory.Value <= c.Key.OffloadMemory : c.Key.CanLeadMany;
        // Each other node of a group has a device too.
        return new ShapeKey(
            c.Usable, c.Pool, Math.Min(c.Gpus, _workload.MostDevices - 1), c.Devices.BandwidthGBs, c.Key.Network,
            leads && (_workload.Request.LeaderNode is null || c.Key.Forced), c.Key.CanWork);
    }
}
