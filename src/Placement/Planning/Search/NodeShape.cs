using GpuStack.Placement.Speed;

namespace GpuStack.Placement.Planning.Search;

/// <summary>All that the search over several nodes asks about a node; nodes of one shape are the same to it, wherever they stand.</summary>
internal sealed class NodeShape
{
    private readonly ShapeKey _key;

    public NodeShape(Workload workload, in ShapeKey key, bool partial)
    {
        _key = key;
        Rest = workload.Reach(key.Usable, partial ? RangeKind.Plain : RangeKind.Pipelined);
        First = partial ? workload.Reach(key.Usable, RangeKind.AfterHost) : Rest;
        Capacity = workload.Capacity(key.Usable, key.Gpus, partial);
        DeviceCapacity = workload.Capacity(key.Usable, 1, partial);
        HoldsOutput = Rest.Last[^1] >= workload.Layers - 1;
    }

    /// <summary>The reach of a device that is the group's first.</summary>
    public DeviceReach First { get; }

    /// <summary>The reach of any other device.</summary>
    public DeviceReach Rest { get; }

    /// <summary>Layers that one node can hold at best.</summary>
    public int Capacity { get; }

    /// <summary>Layers that one device can hold at best.</summary>
    public int DeviceCapacity { get; }

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

    /// <summary>As a worker this node does all that the other does, no slower.</summary>
    public bool Dominates(NodeShape other) =>
        _key.Usable >= other._key.Usable && Gpus >= other.Gpus && Bandwidth >= other.Bandwidth
        && _key.Network.RoundTripOrDefault <= other._key.Network.RoundTripOrDefault
        && _key.Network.BitsPerSecondOrDefault >= other._key.Network.BitsPerSecondOrDefault;

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
}
