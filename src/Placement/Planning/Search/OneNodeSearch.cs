namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Finds one node that holds the layers alone: with one GPU if any node can, else with the fewest of its own. Pack takes the
/// smallest pool that fits and Spread the largest; then the fewest devices, the highest speed and the name decide.
/// </summary>
internal sealed class OneNodeSearch(Workload workload, IReadOnlyCollection<NodeClass> classes)
{
    private readonly PlacementRequest _request = workload.Request;
    private readonly Dictionary<(long Usable, int Gpus), int> _fewest = [];

    public Candidate? Find()
    {
        var one = Best(c => c.Key.CanLeadOne && workload.Holds(c.Usable, RangeKind.Plain, 0, workload.Layers - 1) ? 1 : 0, byPool: true, 0);
        return one is null && _request.Scope is PlacementScope.Auto or PlacementScope.SingleNode
            ? Best(c => c.Key.CanLeadMany && c.Gpus > 1 ? Several(c) : 0, byPool: true, 0)
            : one;
    }

    /// <summary>A node with all layers from one on; the others are on its host.</summary>
    public Candidate? FindWithHost(int start)
    {
        var (memoryOfOne, memoryOfSeveral) = (workload.LeaderMemory(start, 1).Value, workload.LeaderMemory(start, 2).Value);
        return Best(c => WithHost(c, start, memoryOfOne, memoryOfSeveral), byPool: false, start);
    }

    private int Several(NodeClass c) => Fewest(c, () =>
    {
        var reach = workload.Reach(c.Usable, RangeKind.Pipelined);
        var gpus = 2;
        while (gpus <= Math.Min(c.Gpus, workload.MostDevices) && reach.After(gpus)[0] < workload.Layers)
            gpus = gpus < reach.Useful ? gpus + 1 : int.MaxValue;
        return gpus <= Math.Min(c.Gpus, workload.MostDevices) ? gpus : 0;
    });

    private int WithHost(NodeClass c, int start, long memoryOfOne, long memoryOfSeveral)
    {
        var next = workload.Reach(c.Usable, RangeKind.AfterHost).Last[start] + 1;
        if (next == workload.Layers && memoryOfOne <= c.Key.OffloadMemory)
            return 1;
        if (next <= start || memoryOfSeveral > c.Key.OffloadMemory || _request.Scope == PlacementScope.SingleGpu)
            return 0;
        var rest = workload.Reach(c.Usable, RangeKind.Plain);
        for (var gpus = 2; gpus <= Math.Min(c.Gpus, Math.Min(workload.MostDevices, workload.Layers - start)) && gpus - 1 <= rest.Useful; gpus++)
        {
            if (rest.After(gpus - 1)[next] == workload.Layers && (next < workload.Layers || start + 1 < workload.Layers))
                return gpus;
        }

        return 0;
    }

    private int Fewest(NodeClass c, Func<int> find)
    {
        if (!_fewest.TryGetValue((c.Usable.Value, c.Gpus), out var gpus))
            _fewest[(c.Usable.Value, c.Gpus)] = gpus = find();
        return gpus;
    }

    /// <param name="gpusOf">The fewest devices with which a node holds the layers; 0 when it does not.</param>
    /// <param name="byPool">The strategy decides by pool before devices are counted.</param>
    /// <param name="start">The first layer on a device.</param>
    private Candidate? Best(Func<NodeClass, int> gpusOf, bool byPool, int start)
    {
        List<(NodeClass Class, int Gpus)> best = [];
        foreach (var c in classes)
        {
            if ((_request.LeaderNode is not null && !c.Key.Forced) || gpusOf(c) is not (> 0 and var gpus))
                continue;
            var order = best.Count == 0 ? -1 : byPool ? Order(c.Pool, best[0].Class.Pool) : 0;
            if (order == 0)
                order = gpus.CompareTo(best[0].Gpus);
            if (order < 0)
                best.Clear();
            if (order <= 0)
                best.Add((c, gpus));
        }

        // Of devices alike in size and bandwidth the first name decides; their splits are the same.
        Candidate? winner = null;
        foreach (var alike in best.GroupBy(b => (b.Class.Usable, b.Class.Devices.BandwidthGBs)))
        {
            var (c, gpus) = alike.MinBy(b => b.Class, Comparer<NodeClass>.Create(NodeClass.CompareNames));
            winner = Candidate.Better(winner, Alone(c, gpus, start));
        }

        return winner;
    }

    private int Order(long pool, long other) => _request.Strategy == PlacementStrategy.Spread ? other.CompareTo(pool) : pool.CompareTo(other);

    private Candidate? Alone(NodeClass c, int gpus, int start)
    {
        var layout = new Layout([new Seat(c, gpus)]);
        if (LayerFill.Split(workload, layout, start, partial: start > 0) is not { } layers)
            return null;
        return new(layout, start, layers, workload.Speed.TokenPicoseconds(layers, layout.BandwidthPerDevice(), []));
    }
}
