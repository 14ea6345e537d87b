namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Finds k nodes in as few network domains as can be: within one domain, those that need the fewest devices at best first;
/// then in every pair, triple and so on of few domains, or in the strongest of many; then anywhere.
/// </summary>
internal sealed class DomainSearch(Workload workload, SupplyTable table, DomainTable domains, bool partial, Func<string, string> domainOf)
{
    /// <summary>Differing domains whose best groups are compared.</summary>
    private const int MaxDomains = 32;

    /// <summary>Domains at most of which all pairs, triples and so on are tried.</summary>
    private const int MaxCombined = 8;

    /// <summary>Steps of all searches within one domain.</summary>
    private const long MaxSteps = 300_000;

    private readonly SetSearch _sets = new(workload, partial, SearchLimits.Of(table.Nodes));

    /// <summary>The best group of so many nodes; null when there is none.</summary>
    public Candidate? Best(int nodes, int start)
    {
        if (domains.Count <= 1)
            return _sets.Best(table.Supplies, nodes, start, int.MaxValue);
        if (InOneDomain(nodes, start) is { } one)
            return one;
        for (var count = 2; count <= Math.Min(nodes, domains.Count); count++)
        {
            if ((domains.Count <= MaxCombined ? InSome(count, nodes, start) : InStrongest(count, nodes, start)) is { } some)
                return some;
        }

        return _sets.Best(table.Supplies, nodes, start, int.MaxValue) is { } anywhere
            ? anywhere with { Domains = SeatNames.Assign(anywhere.Layout).Select(domainOf).Distinct(StringComparer.Ordinal).Count() }
            : null;
    }

    private Candidate? InOneDomain(int nodes, int start)
    {
        var sets = new SetSearch(workload, partial, SearchLimits.OfDomain(table.Nodes));
        Candidate? best = null;
        var twins = new HashSet<long>();
        foreach (var bound in Bounds(nodes, start))
        {
            if (bound.LeastGpus > (best?.Gpus ?? int.MaxValue - 1) || twins.Count >= MaxDomains || sets.Steps >= MaxSteps)
                break;
            // Domains of equal nodes have equal answers, and the first by name wins.
            if (twins.Add(bound.Twins))
                best = Candidate.Better(best, sets.Best(domains.Within([bound.Domain]), nodes, start, best?.Gpus ?? int.MaxValue));
        }

        return best;
    }

    /// <summary>The domains that could do, the fewest devices first, then by name.</summary>
    private List<DomainBound> Bounds(int nodes, int start)
    {
        List<DomainBound> bounds = [];
        for (var domain = 0; domain < domains.Count; domain++)
        {
            var bound = domains.BoundOf(domain, nodes, workload.SizeFrom(start));
            if (bound.LeastGpus <= workload.MostDevices)
                bounds.Add(bound);
        }

        bounds.Sort((a, b) => a.LeastGpus != b.LeastGpus
            ? a.LeastGpus.CompareTo(b.LeastGpus)
            : string.CompareOrdinal(domains.NameOf(a.Domain), domains.NameOf(b.Domain)));
        return bounds;
    }

    private Candidate? InSome(int count, int nodes, int start)
    {
        Candidate? best = null;
        var byName = Enumerable.Range(0, domains.Count).OrderBy(domains.NameOf, StringComparer.Ordinal).ToArray();
        for (var set = 0; set < 1 << byName.Length; set++)
        {
            if (System.Numerics.BitOperations.PopCount((uint)set) != count)
                continue;
            int[] chosen = [.. byName.Where((_, i) => (set & (1 << i)) != 0)];
            if (_sets.Best(domains.Within(chosen), nodes, start, best?.Gpus ?? int.MaxValue) is { } found)
                best = Candidate.Better(best, found with { Domains = count });
        }

        return best;
    }

    private Candidate? InStrongest(int count, int nodes, int start)
    {
        var strongest = Enumerable.Range(0, domains.Count)
            .Select(domain => domains.BoundOf(domain, nodes, workload.SizeFrom(start)))
            .OrderByDescending(bound => bound.Held).ThenBy(bound => domains.NameOf(bound.Domain), StringComparer.Ordinal)
            .Take(count).Select(bound => bound.Domain).ToArray();
        return _sets.Best(domains.Within(strongest), nodes, start, int.MaxValue) is { } found ? found with { Domains = count } : null;
    }
}
