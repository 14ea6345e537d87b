using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>
/// Finds nodes for a group of equal GPUs: so many nodes with so many free GPUs each, in the fewest topology domains.
/// The leader has the largest pool of the set, unless the user names it, so only nodes with no larger pool work for it.
/// In each domain the leader with the largest pool lets the most nodes work, which decides how many domains are needed; in the
/// domains chosen, Pack then takes the smallest pools that do, and Spread the largest.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="classes">The nodes that it may use.</param>
/// <param name="newClaims">Workers may stand where no claim of theirs can be mounted, for some get new ones; nodes with a claim come first.</param>
internal sealed class NodeSetSearch(PlacementRequest request, IReadOnlyList<NodeClass> classes, bool newClaims)
{
    private readonly bool _forced = request.LeaderNode is not null;

    /// <summary>The best set, or null when there is none.</summary>
    /// <param name="nodes">Nodes, two or more.</param>
    /// <param name="gpusPerNode">GPUs that each must have free.</param>
    /// <param name="memory">Least memory of each GPU, in bytes.</param>
    public NodeSet? Find(int nodes, int gpusPerNode, long memory)
    {
        var eligible = classes.Where(c => c.Gpus >= gpusPerNode && c.Devices.MemoryPerGpu.Value >= memory).ToArray();
        var byDomain = eligible.GroupBy(c => c.Key.Domain, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        var leaders = byDomain.Values.Select(BestLeader).OfType<NodeClass>().ToArray();
        var counts = new Dictionary<long, DomainCounts>();
        var needed = new List<(string[] Domains, NodeClass Leader)>();
        foreach (var leader in leaders)
        {
            if (!counts.TryGetValue(_forced ? 0 : leader.Pool, out var count))
                counts[_forced ? 0 : leader.Pool] = count = new DomainCounts(byDomain, c => MayWork(c, leader), nodes);
            if (count.Fewest(leader, nodes, MayWork(leader)) is not { } domains)
                continue;
            if (needed.Count > 0 && domains.Length < needed[0].Domains.Length)
                needed.Clear();
            if (needed.Count == 0 || domains.Length == needed[0].Domains.Length)
                needed.Add((domains, leader));
        }

        NodeSet? best = null;
        foreach (var (domains, _) in needed)
        {
            var set = Choose([.. domains.SelectMany(d => byDomain[d])], nodes);
            if (set is not null && (best is null || NodeSet.Compare(set, best, request.Strategy) < 0))
                best = set;
        }

        return best;
    }

    /// <summary>Nodes of the class may lead.</summary>
    public bool MayLead(NodeClass c) => c.Key.CanLeadMany && (!_forced || c.Key.Forced);

    private bool MayWork(NodeClass c) => c.Key.CanWork && (newClaims || c.Key.HoldsClaim);

    private bool MayWork(NodeClass c, NodeClass leader) => MayWork(c) && (_forced || c.Pool <= leader.Pool);

    /// <summary>The leader of a domain that lets the most nodes work: the largest pool; of equal ones, one that could not work itself.</summary>
    private NodeClass? BestLeader(NodeClass[] domain) => domain.Where(MayLead)
        .OrderByDescending(c => c.Pool).ThenBy(MayWork).ThenBy(c => c.Key.HoldsClaim).ThenBy(c => c.FirstName, StringComparer.Ordinal).FirstOrDefault();

    private NodeSet? Choose(NodeClass[] inside, int nodes)
    {
        var spread = request.Strategy == PlacementStrategy.Spread;
        var ordered = inside.OrderBy(c => spread ? -c.Pool : c.Pool).ThenBy(c => c.FirstName, StringComparer.Ordinal).ToArray();
        // A leader leaves the workers' claims to them.
        var holders = ordered.OrderByDescending(c => c.Key.HoldsClaim).ToArray();
        foreach (var leader in ordered.OrderBy(c => spread ? -c.Pool : c.Pool).ThenBy(c => newClaims && c.Key.HoldsClaim).Where(MayLead))
        {
            var workers = new List<NodeClass>(nodes - 1);
            foreach (var c in holders)
            {
                if (workers.Count == nodes - 1)
                    break;
                if (!MayWork(c, leader))
                    continue;
                var take = Math.Min(nodes - 1 - workers.Count, c.Count - (ReferenceEquals(c, leader) ? 1 : 0));
                for (var i = 0; i < take; i++)
                    workers.Add(c);
            }

            if (workers.Count == nodes - 1)
                return new NodeSet(leader, workers, workers.Append(leader).Select(c => c.Key.Domain).Distinct(StringComparer.Ordinal).Count());
        }

        return null;
    }

    /// <summary>How many nodes of each domain may work for a leader.</summary>
    private sealed class DomainCounts
    {
        private readonly Dictionary<string, int> _byDomain = new(StringComparer.Ordinal);
        private readonly string[] _largestFirst;

        public DomainCounts(Dictionary<string, NodeClass[]> domains, Func<NodeClass, bool> mayWork, int nodes)
        {
            foreach (var (domain, inside) in domains)
            {
                // More than the set needs makes no difference.
                var count = 0;
                foreach (var c in inside)
                    count = mayWork(c) ? Math.Min(nodes, count + Math.Min(nodes, c.Count)) : count;
                _byDomain[domain] = count;
            }

            _largestFirst = [.. _byDomain.OrderByDescending(d => d.Value).ThenByDescending(d => domains[d.Key].Any(c => c.Key.HoldsClaim)).ThenBy(d => d.Key, StringComparer.Ordinal).Select(d => d.Key)];
        }

        /// <summary>The fewest domains with enough workers for a leader, its own first; null when all together have too few.</summary>
        public string[]? Fewest(NodeClass leader, int nodes, bool mayWork)
        {
            var own = leader.Key.Domain;
            var domains = new List<string> { own };
            long held = _byDomain[own] - (mayWork && _byDomain[own] < nodes ? 1 : 0);
            foreach (var domain in _largestFirst)
            {
                if (held >= nodes - 1)
                    break;
                if (domain == own)
                    continue;
                domains.Add(domain);
                held += _byDomain[domain];
            }

            return held >= nodes - 1 ? [.. domains] : null;
        }
    }
}
