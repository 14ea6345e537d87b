using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning.Search;

/// <summary>All that the search over several nodes asks about a node; nodes of one shape are the same to it, wherever they stand.</summary>
internal sealed class NodeShape
{
    private readonly ShapeKey _key;

    /// <param name="workload">The request.</param>
    /// <param name="key">What the nodes have in common.</param>
    /// <param name="partial">Layers may stay on the leader's host.</param>
    /// <param name="start">The first layer on a device.</param>
    public NodeShape(Workload workload, in ShapeKey key, bool partial, int start)
    {
        _key = key;
        Rest = workload.Reach(key.Usable, partial ? RangeKind.Plain : RangeKind.Pipelined);
        First = partial ? workload.Reach(key.Usable, RangeKind.AfterHost) : Rest;
        Capacity = CapacityOf(key.Gpus, workload.SizeBefore);
        DeviceCapacity = CapacityOf(1, workload.SizeBefore);
        LeastDevices = DevicesFrom(start, workload.Layers);
        HoldsOutput = Rest.Last[^1] >= workload.Layers - 1;
    }

    /// <summary>The reach of a device that is the group's first.</summary>
    public DeviceReach First { get; }

    /// <summary>The reach of any other device.</summary>
    public DeviceReach Rest { get; }

    /// <summary>What one node can hold at best, in the unit of <see cref="Workload.SizeBefore"/>.</summary>
    public long Capacity { get; }

    /// <summary>What one device can hold at best, in the same unit.</summary>
    public long DeviceCapacity { get; }

    /// <summary>Devices of this size that all layers need at least.</summary>
    public int LeastDevices { get; }

    /// <summary>A device holds the output layer, which is the leader's.</summary>
    public bool HoldsOutput { get; }

    /// <summary>Devices that a group may use on one node.</summary>
    public int Gpus => _key.Gpus;

    /// <summary>Free VRAM before planning.</summary>
    public long Pool => _key.Pool;

    /// <summary>The node may lead a group of several.</summary>
    public bool CanLead => _key.CanLead && HoldsOutput;

    public bool CanWork => _key.CanWork;

    /// <summary>Memory bandwidth in GB/s, a guess where it is unknown.</summary>
    public int Bandwidth => _key.Bandwidth > 0 ? _key.Bandwidth : SpeedModel.UnknownBandwidthGBs;

    /// <summary>The devices are no smaller than the other's.</summary>
    public bool IsAsLarge(NodeShape other) => _key.Usable >= other._key.Usable;

    /// <summary>Where so many devices of a node end that is the group's first: its first device starts at the first layer, not before it.</summary>
    public int FirstReach(int start, int gpus)
    {
        var next = First.Last[start] + 1;
        return gpus == 1 || next <= start ? next : Rest.After(gpus - 1)[next];
    }

    /// <summary>As a worker this node does all that the other does, no slower.</summary>
    public bool Dominates(NodeShape other) =>
        _key.Usable >= other._key.Usable && Gpus >= other.Gpus && Bandwidth >= other.Bandwidth
        && _key.Network.RoundTripOrDefault <= other._key.Network.RoundTripOrDefault
        && _key.Network.BitsPerSecondOrDefault >= other._key.Network.BitsPerSecondOrDefault;

    /// <summary>
    /// The other differs in nothing but a worse network, so that it need not lead: this one does in its place, or changes places with it.
    /// </summary>
    public bool LeadsInsteadOf(NodeShape other) =>
        other.CanWork && CanWork && _key with { Network = other._key.Network } == other._key && _key != other._key && Dominates(other);

    /// <summary>What holds the most layers comes first, and what dominates comes before what it dominates.</summary>
    public static int CompareStrength(NodeShape a, NodeShape b)
    {
        var order = b.Capacity.CompareTo(a.Capacity);
        if (order == 0)
            order = b._key.Usable.CompareTo(a._key.Usable);
        if (order == 0)
            order = b.Gpus.CompareTo(a.Gpus);
        if (order == 0)
            order = b.Bandwidth.CompareTo(a.Bandwidth);
        if (order == 0)
            order = b._key.Bandwidth.CompareTo(a._key.Bandwidth);
        if (order == 0)
            order = a._key.Network.RoundTripOrDefault.CompareTo(b._key.Network.RoundTripOrDefault);
        if (order == 0)
            order = b._key.Network.BitsPerSecondOrDefault.CompareTo(a._key.Network.BitsPerSecondOrDefault);
        if (order == 0)
            order = b.Pool.CompareTo(a.Pool);
        if (order == 0)
            order = b._key.CanLead.CompareTo(a._key.CanLead);
        return order != 0 ? order : b.CanWork.CompareTo(a.CanWork);
    }

    /// <summary>The order of workers: speed, size, count, so that equal shapes stand together.</summary>
    public static int CompareWorkers(NodeShape a, NodeShape b)
    {
        var order = b.Bandwidth.CompareTo(a.Bandwidth);
        if (order == 0)
            order = b._key.Usable.CompareTo(a._key.Usable);
        return order != 0 ? order : b.Gpus.CompareTo(a.Gpus);
    }

    /// <summary>The first device may be of another kind than the others; which node it stands in is open.</summary>
    private long CapacityOf(int gpus, long[] sizeBefore) => ReferenceEquals(First, Rest)
        ? Rest.Capacity(gpus, sizeBefore)
        : Math.Max(Rest.Capacity(gpus, sizeBefore), First.Capacity(1, sizeBefore) + Rest.Capacity(gpus - 1, sizeBefore));

    private int DevicesFrom(int start, int layers)
    {
        for (var gpus = 1; gpus <= Rest.Useful + 1; gpus++)
        {
            if (FirstReach(start, gpus) >= layers)
                return gpus;
        }

        return int.MaxValue;
    }
}
