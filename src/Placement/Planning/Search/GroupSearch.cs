namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Finds the place of one group, level by level: one GPU, the GPUs of one node (<see cref="OneNodeSearch"/>), several nodes
/// (<see cref="DomainSearch"/>); the first level that holds the model wins. If no level does and layers may stay on the
/// leader's host, as few as possible do: for each count of them from the smallest, all levels are tried again.
/// On several nodes k grows from the smallest count that could hold the layers; where the engine takes too few devices for the nodes that
/// hold the most, more nodes with larger devices may do (<see cref="DeviceBound"/>).
/// Groups never mix vendors (one image serves all pods), nor products when that is forbidden.
/// </summary>
internal sealed class GroupSearch(Workload workload, ClassTable classes, Func<string, string> domainOf)
{
    private readonly PlacementRequest _request = workload.Request;

    private bool OnOneNode => _request.Scope is not PlacementScope.MultiNode;

    private bool OnSeveralNodes => _request.Scope is PlacementScope.Auto or PlacementScope.MultiNode && MostNodes >= 2;

    private int MostNodes => Math.Min(_request.NodeLimit ?? int.MaxValue, workload.MostDevices);

    /// <summary>A place with all layers on GPUs.</summary>
    public Candidate? Find()
    {
        if (OnOneNode && new OneNodeSearch(workload, classes.Whole).Find() is { } alone)
            return alone;
        return OnSeveralNodes ? SeveralNodes(Kinds(), start: 0, partial: false) : null;
    }

    /// <summary>A place with the fewest layers on the leader's host; the classes must tell <see cref="NodeClassKey.OffloadMemory"/>.</summary>
    public Candidate? FindWithHost()
    {
        var alone = new OneNodeSearch(workload, classes.Whole);
        var kinds = OnSeveralNodes ? Kinds() : [];
        var mostMemory = classes.Whole.Count == 0 ? 0 : classes.Whole.Max(c => c.Key.OffloadMemory);
        for (var start = FewestOnHost(kinds); start < workload.Layers; start++)
        {
            if (workload.LeaderMemory(start, 1).Value > mostMemory)
                continue;
            if (OnOneNode && alone.FindWithHost(start) is { } one)
                return one;
            if (SeveralNodes(kinds, start, partial: true) is { } several)
                return several;
        }

        return null;
    }

    /// <summary>Layers that stay on the host in any case: those that the strongest nodes cannot hold.</summary>
    private int FewestOnHost(IReadOnlyList<Kind> kinds)
    {
        var held = 0L;
        foreach (var c in classes.Whole)
        {
            if (OnOneNode)
                held = Math.Max(held, workload.SizeWithHost(c.Usable, _request.Scope == PlacementScope.SingleGpu ? 1 : Math.Min(c.Gpus, workload.MostDevices)));
        }

        foreach (var kind in kinds)
            held = Math.Max(held, new SupplyTable(workload, kind.Classes, partial: true, workload.Layers - 1).Strongest(MostNodes));
        var start = 1;
        while (start < workload.Layers && workload.SizeFrom(start) > held)
            start++;
        return start;
    }

    private Candidate? SeveralNodes(IReadOnlyList<Kind> kinds, int start, bool partial)
    {
        Candidate? best = null;
        foreach (var kind in kinds)
            best = Candidate.Better(best, SeveralNodes(kind, start, partial, Math.Min(MostNodes, best?.Nodes ?? int.MaxValue)));
        return best;
    }

    private Candidate? SeveralNodes(Kind kind, int start, bool partial, int most)
    {
        var table = new SupplyTable(workload, kind.Classes, partial, start);
        var sets = new SetSearch(workload, partial, SearchLimits.Of(table.Nodes));
        var size = workload.SizeFrom(start);
        if (table.LargestDevices(workload.MostDevices) < size)
            return null;
        for (var nodes = Math.Max(2, table.FewestNodes(size)); nodes <= Math.Min(most, table.Nodes); nodes++)
        {
            if (!table.MayHold(nodes, size) || !sets.Holds(table.Supplies, nodes, start))
                continue;
            var domains = new DomainTable(table, classes.PartsOf(kind.Classes));
            return new DomainSearch(workload, table, domains, partial, domainOf).Best(nodes, start);
        }

        return null;
    }

    private List<Kind> Kinds() =>
    [
        .. classes.Whole
            .Where(c => c.Key.ForGroups)
            .GroupBy(c => (c.Devices.Vendor, Product: _request.MixedGpus ? null : c.Key.Product))
            .OrderBy(g => g.Key.Vendor, StringComparer.Ordinal).ThenBy(g => g.Key.Product, StringComparer.Ordinal)
            .Where(g => _request.LeaderNode is null || g.Any(c => c.Key.Forced))
            .Select(g => new Kind([.. g])),
    ];

    /// <summary>Classes that may stand in one group: of one vendor, or of one product.</summary>
    private sealed record Kind(NodeClass[] Classes);
}
