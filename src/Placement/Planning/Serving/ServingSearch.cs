using System.Runtime.InteropServices;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Search;
using GpuStack.Placement.Products;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>
/// Finds the place of one group of vLLM or SGLang, level by level: one GPU; several GPUs of one node; several nodes with equally
/// many GPUs each. The first level that holds the model wins. On one node, Pack takes the smallest pool that fits and Spread
/// the largest. On several nodes the GPUs are of one vendor, product, resource and driver major (nodes whose driver is unknown
/// keep to themselves), and the fewest nodes win, then domains, then what makes the most of its GPUs. GPUs of one product whose labels differ a little in
/// memory may serve together; the smallest counts for all.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="table">The nodes that it may use.</param>
/// <param name="anyDriver">Drivers make no difference: where the request says so, and for explanations.</param>
/// <param name="newClaims">Some workers get new claims, and may stand anywhere.</param>
internal sealed class ServingSearch(PlacementRequest request, ClassTable table, bool anyDriver = false, bool newClaims = false)
{
    private readonly ServingFits _fits = ServingFits.Of(request);
    private readonly Dictionary<(GpuKind Gpu, DeviceSpeed Speed), LayoutChoice> _choices = [];
    private readonly Dictionary<DevicePool, LayoutChoice> _byPool = new(ReferenceEqualityComparer.Instance);

    public ServingCandidate? Find()
    {
        var scope = request.Scope;
        var found = scope == PlacementScope.MultiNode ? null : OneNode(1, 1);
        if (found is null && scope is PlacementScope.Auto or PlacementScope.SingleNode)
            found = OneNode(2, LayoutChoice.MostGpusPerNode);
        if (found is null && scope is PlacementScope.Auto or PlacementScope.MultiNode)
            found = SeveralNodes();
        return found;
    }

    private ServingCandidate? OneNode(int fewest, int most)
    {
        var spread = request.Strategy == PlacementStrategy.Spread;
        ServingCandidate? best = null;
        foreach (var c in table.Whole)
        {
            if (c.Gpus < fewest || (request.LeaderNode is not null && !c.Key.Forced) || !(most == 1 ? c.Key.CanLeadOne : c.Key.CanLeadMany))
                continue;
            if (best is not null && (spread ? c.Pool < best.Set.Leader.Pool : c.Pool > best.Set.Leader.Pool))
                continue;
            if (Choice(c.Devices, c.Devices.MemoryPerGpu.Value).BestOnOneNode(fewest, Math.Min(most, c.Gpus)) is not { } layout)
                continue;
            var candidate = new ServingCandidate(layout, new NodeSet(c, [], 1));
            best = best is null || best.Set.Leader.Pool != c.Pool ? candidate : ServingCandidate.Better(best, candidate, request.Strategy);
        }

        return best;
    }

    /// <summary>
    /// First the fewest nodes are found that hold the model, whatever their domains; then, for the kinds and counts of GPUs that manage with so
    /// many, the fewest domains.
    /// </summary>
    private ServingCandidate? SeveralNodes()
    {
        var fewest = new List<(NodeClass[] Alike, long Memory, ServingLayout Layout)>();
        var limit = request.NodeLimit ?? int.MaxValue;
        foreach (var alike in Kinds())
        {
            var sets = new NodeSetSearch(request, alike, newClaims);
            foreach (var memory in alike.Select(c => c.Devices.MemoryPerGpu.Value).Distinct().OrderDescending().ToArray())
            {
                if (Fewest(alike, sets, memory, limit) is not [{ Nodes: var nodes }, ..] layouts)
                    continue;
                if (nodes < limit)
                    fewest.Clear();
                limit = nodes;
                fewest.AddRange(layouts.Select(layout => (alike, memory, layout)));
            }
        }

        ServingCandidate? best = null;
        foreach (var (alike, memory, layout) in fewest.OrderBy(f => f.Layout, Comparer<ServingLayout>.Create(ServingLayout.CompareWorth)))
        {
            if (best is { Set.Domains: 1 } && ServingLayout.CompareWorth(layout, best.Layout) > 0)
                continue;
            if (new NodeSetSearch(request, table.InDomainsOf(alike), newClaims).Find(layout.Nodes, layout.GpusPerNode, memory) is { } set)
                best = ServingCandidate.Better(best, new ServingCandidate(layout, set), request.Strategy);
        }

        return best;
    }

    /// <summary>Classes that may stand in one group. Classes of one profile share their pool of devices, which spares most comparisons.</summary>
    private IEnumerable<NodeClass[]> Kinds() => table.Whole.Where(c => c.Key.ForGroups)
        .GroupBy(c => c.Devices, ReferenceEqualityComparer.Instance)
        .GroupBy(pool => GroupKind.Of((DevicePool)pool.Key!, anyDriver))
        .OrderBy(kind => kind.Key.ToString(), StringComparer.Ordinal)
        .Select(kind => kind.SelectMany(pool => pool).ToArray());

    /// <summary>The layouts with the fewest nodes, up to a limit, whose GPUs of at least so much memory hold the model: one for each count of GPUs that does.</summary>
    private List<ServingLayout> Fewest(NodeClass[] alike, NodeSetSearch sets, long memory, int limit)
    {
        var (available, all) = Available(alike, memory);
        var choice = Choice(alike.First(c => c.Devices.MemoryPerGpu.Value == memory).Devices, memory);
        var found = new List<ServingLayout>();
        if (all < choice.Fits.LeastGpus || !alike.Any(c => c.Devices.MemoryPerGpu.Value >= memory && sets.MayLead(c)))
            return found;
        var largest = (int)Math.Min(limit, Math.Min(available[1], choice.Fits.Layers));
        for (var nodes = 2; nodes <= largest && found.Count == 0; nodes++)
        {
            var most = available.Length - 1;
            for (var gpus = 1; gpus <= most && available[gpus] >= nodes; gpus++)
            {
                if (choice.Best(nodes, gpus) is not { } layout || sets.Find(nodes, gpus, memory) is null)
                    continue;
                if (found.Count == 0)
                    most = Math.Min(most, ServingLayout.MostGpus(gpus));
                found.Add(layout);
            }
        }

        return found;
    }

    /// <summary>How many nodes have at least so many GPUs, by that number, and the GPUs of all.</summary>
    private static (long[] Nodes, long Gpus) Available(NodeClass[] alike, long memory)
    {
        var most = 1;
        long all = 0;
        foreach (var c in alike)
            most = c.Devices.MemoryPerGpu.Value >= memory ? Math.Max(most, Math.Min(c.Gpus, LayoutChoice.MostGpusPerNode)) : most;
        var nodes = new long[most + 1];
        foreach (var c in alike)
        {
            var gpus = Math.Min(c.Gpus, most);
            if (c.Devices.MemoryPerGpu.Value < memory || gpus < 1)
                continue;
            nodes[gpus] += c.Count;
            all += (long)gpus * c.Count;
        }

        for (var gpus = most - 1; gpus >= 1; gpus--)
            nodes[gpus] += nodes[gpus + 1];
        return (nodes, all);
    }

    private LayoutChoice Choice(DevicePool devices, long memory)
    {
        if (devices.MemoryPerGpu.Value == memory && _byPool.TryGetValue(devices, out var known))
            return known;
        var gpu = new GpuKind(devices.Product, new Bytes(memory));
        if (!_choices.TryGetValue((gpu, devices.Speed), out var choice))
            _choices[(gpu, devices.Speed)] = choice = new LayoutChoice(_fits.On(gpu), _fits.Speed, request, devices.Speed);
        if (devices.MemoryPerGpu.Value == memory)
            _byPool[devices] = choice;
        return choice;
    }

    /// <summary>What all GPUs of a group have in common.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct GroupKind(string Vendor, string Product, string ResourceName, DeviceUnit Unit, string DriverMajor)
    {
        public static GroupKind Of(DevicePool pool, bool anyDriver) =>
            new(pool.Vendor, pool.Product, pool.ResourceName, pool.Unit, anyDriver ? "" : pool.DriverMajor);
    }
}
