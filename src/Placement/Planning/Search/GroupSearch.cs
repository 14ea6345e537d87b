namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Finds the place of one group, level by level: one GPU, the GPUs of one node, several nodes; then, if allowed, the same
/// levels with layers left on the leader's host, where the most layers on GPUs win. The first level that holds the model wins.
/// On one node, Pack takes the smallest pool that fits and Spread the largest. On several nodes k grows from the smallest
/// count that could hold the layers; for a count, one topology domain is tried before several.
/// Groups never mix vendors (one image serves all pods), nor products when that is forbidden.
/// </summary>
internal sealed class GroupSearch(Workload workload, ClassTable table, Func<string, string> domainOf)
{
    private const int MaxDomainPairs = 200;

    /// <summary>Differing domains tried, those that hold the most first.</summary>
    private const int MaxDomains = 64;

    /// <summary>Nodes tried beyond the count whose capacities suffice; capacities are bounds, but close ones.</summary>
    private const int MaxMoreNodes = 4;

    private readonly PlacementRequest _request = workload.Request;

    /// <summary>A place with all layers on GPUs.</summary>
    public Candidate? Find()
    {
        var scope = _request.Scope;
        var found = scope is PlacementScope.MultiNode ? null : OneNode(oneGpu: true);
        if (found is null && scope is PlacementScope.Auto or PlacementScope.SingleNode)
            found = OneNode(oneGpu: false);
        if (found is null && scope is PlacementScope.Auto or PlacementScope.MultiNode)
            found = SeveralNodes();
        return found;
    }

    private bool IsForcedAway(NodeClass c) => _request.LeaderNode is not null && !c.Key.Forced;

    private Candidate? OneNode(bool oneGpu)
    {
        var search = new SetSearch(workload, partial: false, oneGpu);
        var pools = table.Whole.Where(c => !IsForcedAway(c) && (oneGpu || c.Gpus > 1)).GroupBy(c => c.Pool);
        foreach (var pool in _request.Strategy == PlacementStrategy.Spread ? pools.OrderByDescending(g => g.Key) : pools.OrderBy(g => g.Key))
        {
            Candidate? best = null;
            foreach (var c in pool)
            {
                c.Capacity = workload.Layers;
                best = Candidate.Better(best, search.Best([c], 1));
            }

            if (best is not null)
                return best;
        }

        return null;
    }

    private Candidate? SeveralNodes()
    {
        Candidate? best = null;
        foreach (var kind in Kinds(partial: false))
        {
            var most = MostNodes(kind);
            var fewest = FewestNodes(kind, most);
            for (var nodes = fewest; nodes <= Math.Min(most, fewest + MaxMoreNodes) && (best is null || nodes <= best.Nodes); nodes++)
            {
                if (InFewestDomains(kind, nodes, partial: false) is not { } candidate)
                    continue;
                best = Candidate.Better(best, candidate);
                break;
            }
        }

        return best;
    }

    /// <summary>A place with the fewest layers on the leader's host; the classes must tell <see cref="NodeClassKey.OffloadMemory"/>.</summary>
    public Candidate? FindWithHost()
    {
        Candidate? best = null;
        var oneGpu = _request.Scope == PlacementScope.SingleGpu;
        var alone = new SetSearch(workload, partial: true, oneGpu);
        foreach (var c in table.Whole.Where(c => _request.Scope != PlacementScope.MultiNode && !IsForcedAway(c)))
        {
            c.Capacity = workload.Capacity(c.Usable, oneGpu ? 1 : c.Gpus, partial: true);
            if (c.Capacity >= OnGpus(best))
                best = Candidate.Better(best, alone.Best([c], 1, OnGpus(best)));
        }

        if (_request.Scope is PlacementScope.SingleGpu or PlacementScope.SingleNode)
            return best;
        foreach (var kind in Kinds(partial: true))
        {
            var most = MostNodes(kind);
            var idle = 0;
            // More nodes hold more layers until they are all on GPUs, or the leader's own limits stop it.
            for (var nodes = 2; nodes <= most && idle < 3 && best?.FirstOffloaded != 1; nodes++)
            {
                var candidate = InFewestDomains(kind, nodes, partial: true, OnGpus(best) + (best is null ? 0 : 1));
                idle = candidate is null || candidate.FirstOffloaded >= (best?.FirstOffloaded ?? int.MaxValue) ? idle + 1 : 0;
                best = Candidate.Better(best, candidate);
            }
        }

        return best;
    }

    /// <summary>Classes that may stand in one group: of one vendor, or of one product.</summary>
    private IEnumerable<NodeClass[]> Kinds(bool partial)
    {
        var groupable = table.InDomains.Where(c => c.Key.ForGroups).ToArray();
        foreach (var c in groupable)
            c.Capacity = workload.Capacity(c.Usable, c.Gpus, partial);
        return groupable.Where(c => c.Capacity > 0)
            .GroupBy(c => _request.MixedGpus ? c.Devices.Vendor : c.Devices.Vendor + "/" + c.Key.Product, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => g.ToArray())
            .Where(g => _request.LeaderNode is null || g.Any(c => c.Key.Forced))
            .Where(g => workload.LastWithoutPlace(g, partial) < (partial ? workload.Layers - 1 : 0));
    }

    private int MostNodes(NodeClass[] kind) =>
        Math.Min(Math.Min(_request.NodeLimit ?? int.MaxValue, workload.Layers), kind.Sum(c => c.Count));

    /// <summary>The least count whose strongest nodes could hold all layers; more than <paramref name="most"/> when none can.</summary>
    private int FewestNodes(NodeClass[] kind, int most)
    {
        int held = 0, nodes = 0;
        foreach (var c in kind.OrderByDescending(c => c.Capacity))
        {
            for (var i = 0; i < c.Count && nodes < most; i++)
            {
                nodes++;
                held += c.Capacity;
                if (held >= workload.Layers)
                    return Math.Max(2, nodes);
            }
        }

        return most + 1;
    }

    private int OnGpus(Candidate? candidate) => candidate is null ? 1 : workload.Layers - candidate.FirstOffloaded;

    private Candidate? InFewestDomains(NodeClass[] kind, int nodes, bool partial, int wanted = 1)
    {
        var search = new SetSearch(workload, partial, oneGpu: false);
        var anywhere = search.Best(NodeClass.Merge(kind), nodes, wanted);
        var domainNames = kind.Select(c => c.Key.Domain).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (anywhere is null || domainNames.Length == 1)
            return anywhere;

        var layers = OnGpus(anywhere);
        Candidate? best = null;
        var tried = new HashSet<string>(StringComparer.Ordinal);
        var strongestFirst = kind.GroupBy(c => c.Key.Domain, StringComparer.Ordinal)
            .OrderByDescending(g => g.Sum(c => (long)c.Capacity * Math.Min(c.Count, nodes))).ThenBy(g => g.Key, StringComparer.Ordinal);
        foreach (var inside in strongestFirst)
        {
            if (tried.Count >= MaxDomains)
                break;
            var merged = NodeClass.Merge(inside);
            // Domains of equal nodes have equal answers, and the first by name wins.
            if (merged.Sum(c => c.Count) >= nodes && tried.Add(Signature(merged, nodes)))
                best = Candidate.Better(best, search.Best(merged, nodes, layers));
        }

        if (best is not null && OnGpus(best) == layers)
            return best;
        for (var i = 0; i < domainNames.Length && domainNames.Length * domainNames.Length < 2 * MaxDomainPairs; i++)
        {
            for (var j = i + 1; j < domainNames.Length; j++)
            {
                var inside = NodeClass.Merge(kind.Where(c => c.Key.Domain == domainNames[i] || c.Key.Domain == domainNames[j]));
                if (inside.Sum(c => c.Count) >= nodes && search.Best(inside, nodes, layers) is { } pair)
                    best = Candidate.Better(best, pair with { Domains = 2 });
            }
        }

        return best is not null && OnGpus(best) == layers
            ? best
            : Candidate.Better(best, anywhere with { Domains = CountDomains(anywhere) });
    }

    private static string Signature(NodeClass[] merged, int nodes) => string.Join(
        '|', merged.Select(c => $"{c.Key}*{Math.Min(c.Count, nodes)}").Order(StringComparer.Ordinal));

    private int CountDomains(Candidate candidate)
    {
        var assignment = SeatNames.Assign(candidate.Layout);
        return assignment.Select(domainOf).Distinct(StringComparer.Ordinal).Count();
    }
}
