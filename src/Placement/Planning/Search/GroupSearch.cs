namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Finds the place of one group, level by level: one GPU, the GPUs of one node, several nodes; then, if allowed, the same
/// levels with layers left on the leader's host, where the most layers on GPUs win. The first level that holds the model wins.
/// On one node, Pack takes the smallest pool that fits and Spread the largest. On several nodes k grows from the smallest
/// count that could hold the layers; for a count, one topology domain is tried before several.
/// Groups never mix vendors (one image serves all pods), nor products when that is forbidden.
/// </summary>
internal sealed class GroupSearch(Workload workload, IReadOnlyList<NodeClass> classes, IReadOnlyDictionary<string, string> domains)
{
    private const int MaxDomainPairs = 200;

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
        Candidate? best = null;
        foreach (var c in classes.Where(c => !IsForcedAway(c) && (oneGpu || c.Gpus > 1)))
        {
            c.Capacity = workload.Layers;
            if (search.Best([c], 1) is { } candidate && (best is null || IsBetterNode(candidate, best)))
                best = candidate;
        }

        return best;
    }

    private bool IsBetterNode(Candidate a, Candidate b)
    {
        var (poolA, poolB) = (a.Layout.Leader.Class.Pool, b.Layout.Leader.Class.Pool);
        if (poolA == poolB)
            return Candidate.Compare(a, b) < 0;
        return _request.Strategy == PlacementStrategy.Spread ? poolA > poolB : poolA < poolB;
    }

    private Candidate? SeveralNodes()
    {
        Candidate? best = null;
        foreach (var kind in Kinds(partial: false))
        {
            var most = MostNodes(kind);
            for (var nodes = FewestNodes(kind, most); nodes <= most && (best is null || nodes <= best.Nodes); nodes++)
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
        foreach (var c in classes.Where(c => _request.Scope != PlacementScope.MultiNode && !IsForcedAway(c)))
        {
            c.Capacity = workload.Capacity(c.Usable, oneGpu ? 1 : c.Gpus, partial: true);
            best = Candidate.Better(best, new SetSearch(workload, partial: true, oneGpu).Best([c], 1));
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
                var candidate = InFewestDomains(kind, nodes, partial: true);
                idle = candidate is null || candidate.FirstOffloaded >= (best?.FirstOffloaded ?? int.MaxValue) ? idle + 1 : 0;
                best = Candidate.Better(best, candidate);
            }
        }

        return best;
    }

    /// <summary>Classes that may stand in one group: of one vendor, or of one product.</summary>
    private IEnumerable<NodeClass[]> Kinds(bool partial)
    {
        var groupable = classes.Where(c => c.Key.ForGroups).ToArray();
        foreach (var c in groupable)
            c.Capacity = workload.Capacity(c.Usable, c.Gpus, partial);
        return groupable.Where(c => c.Capacity > 0)
            .GroupBy(c => _request.MixedGpus ? c.Devices.Vendor : c.Devices.Vendor + "/" + c.Key.Product, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => g.ToArray())
            .Where(g => _request.LeaderNode is null || g.Any(c => c.Key.Forced));
    }

    private int MostNodes(NodeClass[] kind) =>
        Math.Min(Math.Min(_request.MaxNodes ?? int.MaxValue, workload.Layers), kind.Sum(c => c.Names.Count));

    /// <summary>The least count whose strongest nodes could hold all layers; more than <paramref name="most"/> when none can.</summary>
    private int FewestNodes(NodeClass[] kind, int most)
    {
        int held = 0, nodes = 0;
        foreach (var c in kind.OrderByDescending(c => c.Capacity))
        {
            for (var i = 0; i < c.Names.Count && nodes < most; i++)
            {
                nodes++;
                held += c.Capacity;
                if (held >= workload.Layers)
                    return Math.Max(2, nodes);
            }
        }

        return most + 1;
    }

    private Candidate? InFewestDomains(NodeClass[] kind, int nodes, bool partial)
    {
        var search = new SetSearch(workload, partial, oneGpu: false);
        var names = kind.Select(c => c.Key.Domain).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (names.Length == 1)
            return search.Best(kind, nodes);

        var anywhere = search.Best(Merge(kind), nodes);
        if (anywhere is null)
            return null;
        Candidate? best = null;
        foreach (var name in names)
        {
            var inside = kind.Where(c => c.Key.Domain == name).ToArray();
            if (inside.Sum(c => c.Names.Count) >= nodes)
                best = Candidate.Better(best, search.Best(inside, nodes));
        }

        if (best is not null && best.FirstOffloaded == anywhere.FirstOffloaded)
            return best;
        for (var count = 2; count <= Math.Min(nodes, 2) && names.Length * names.Length < 2 * MaxDomainPairs; count++)
        {
            for (var i = 0; i < names.Length; i++)
            {
                for (var j = i + 1; j < names.Length; j++)
                {
                    var inside = Merge(kind.Where(c => c.Key.Domain == names[i] || c.Key.Domain == names[j]));
                    if (inside.Sum(c => c.Names.Count) >= nodes && search.Best(inside, nodes) is { } pair)
                        best = Candidate.Better(best, pair with { Domains = 2 });
                }
            }
        }

        return best is not null && best.FirstOffloaded == anywhere.FirstOffloaded
            ? best
            : Candidate.Better(best, anywhere with { Domains = CountDomains(anywhere) });
    }

    private int CountDomains(Candidate candidate)
    {
        var assignment = SeatNames.Assign(candidate.Layout);
        return assignment.Select(n => domains.GetValueOrDefault(n, "")).Distinct(StringComparer.Ordinal).Count();
    }

    private static NodeClass[] Merge(IEnumerable<NodeClass> kind)
    {
        var merged = new Dictionary<NodeClassKey, NodeClass>();
        foreach (var c in kind)
        {
            var key = c.Key with { Domain = "" };
            if (!merged.TryGetValue(key, out var target))
                merged[key] = target = c.WithoutDomain();
            target.Names.AddRange(c.Names);
        }

        foreach (var c in merged.Values)
            c.Names.Sort(StringComparer.Ordinal);
        return [.. merged.Values];
    }
}
