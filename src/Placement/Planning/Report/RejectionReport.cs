using System.Collections.Immutable;
using System.Globalization;
using GpuStack.Modeling;
using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning.Report;

/// <summary>
/// Groups the reasons of all nodes that no group uses: equal reasons are one entry with a count, and the counts add up to the number of
/// those nodes.
/// </summary>
internal sealed class RejectionReport(FleetSurvey survey, GroupFinder finder, ImmutableArray<GroupPlan> groups, bool feasible)
{
    private const int MaxEntries = 24;
    private const int MaxExamples = 3;

    private readonly PlacementRequest _request = finder.Request;
    private readonly NodeJudgement _judgement = new(survey, finder, groups, feasible);

    public ImmutableArray<Rejection> Rejections()
    {
        var used = groups.SelectMany(g => g.Nodes).Select(n => n.Node).ToHashSet(StringComparer.Ordinal);
        var usedOf = NodeKinds.CountByCohort(survey, used);
        var entries = new Dictionary<(string Reason, string Text), RejectedNodes>();
        foreach (var surveyed in survey.Kinds)
        {
            var kind = surveyed.Kind;
            var unused = kind.Count - (kind.Named ? (used.Contains(kind.Example.Name) ? 1 : 0) : usedOf.GetValueOrDefault(kind.Names));
            if (unused == 0)
                continue;
            var finding = _judgement.Of(surveyed);
            var key = (finding.Reason, finding.Text);
            if (!entries.TryGetValue(key, out var nodes))
                entries[key] = nodes = new RejectedNodes(finding);
            nodes.Add(finding, unused);
            var taken = 0;
            foreach (var name in kind.Names)
            {
                if (taken == MaxExamples)
                    break;
                if (kind.Except.Contains(name) || used.Contains(name))
                    continue;
                nodes.Examples.Add(name);
                taken++;
            }
        }

        var sorted = entries.Values.OrderByDescending(e => e.Count).ThenBy(e => e.Reason, StringComparer.Ordinal)
            .ThenBy(e => e.Message, StringComparer.Ordinal).ToArray();
        var rejections = sorted.Take(MaxEntries).Select(e => new Rejection(e.Reason, WithHolder(e), e.Count, First(e.Examples)));
        // Rare messages beyond the limit are counted under their reason alone, so that the counts still add up.
        var rest = sorted.Skip(MaxEntries).GroupBy(e => e.Reason, StringComparer.Ordinal)
            .Select(g => new Rejection(g.Key, $"{g.First().Message}; {g.Count()} variants of this", g.Sum(e => e.Count), First(g.SelectMany(e => e.Examples))));
        return [.. rejections, .. rest];
    }

    /// <summary>Why not all replicas have a place, in one sentence with numbers.</summary>
    public string Summary()
    {
        if (_request.LeaderNode is { } leader)
        {
            if (survey.Kinds.FirstOrDefault(surveyed => surveyed.Kind.Forced) is not { } forced)
                return $"placement.leader.nodeName: there is no node {leader}.";
            var finding = _judgement.Of(forced);
            var found = NodeJudgement.InFull(finding, survey.Fleet.Find(leader)!);
            return forced.Verdict.Reason is not null
                ? $"placement.leader.nodeName: {leader} cannot lead: {found}."
                : $"placement.leader.nodeName: no group led by {leader} holds the model: {found}.";
        }

        if (groups.Length > 0)
            return $"{groups.Length} of {_request.Replicas} replicas fit; the free GPUs left do not hold another one{(_request.HostNetwork ? " on a node whose host ports are free" : "")}.";
        if (finder.WhyNot(survey) is { } why)
            return why;
        int nodes = 0, gpus = 0;
        // Labels may state so much on so many nodes that 64 bits do not hold the sum.
        Int128 sum = 0;
        foreach (var surveyed in survey.Kinds.Where(surveyed => surveyed.Verdict.Reason is null))
        {
            var pool = ClassTable.Largest(surveyed.Verdict);
            nodes += surveyed.Kind.Count;
            gpus += pool.FreeForGroup * surveyed.Kind.Count;
            sum += (Int128)finder.Usable(pool.MemoryPerGpu).Value * pool.FreeForGroup * surveyed.Kind.Count;
        }

        var memory = new Bytes((long)Int128.Min(sum, long.MaxValue));

        return nodes == 0
            ? NoneUsable()
            : $"{_request.Launch.ModelName} needs {finder.Need(gpus)} on {(gpus == 1 ? "1 GPU" : $"{gpus} GPUs")}; "
                + $"usable {memory} on {(nodes == 1 ? "one node" : $"{nodes} nodes")}{Limits()}.";
    }

    /// <summary>No node may be used, whatever its size: what is so.</summary>
    private string NoneUsable()
    {
        var (nodes, gpus) = (0, 0L);
        var reasons = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (kind, verdict) in survey.Kinds)
        {
            nodes += kind.Count;
            if (verdict.Reason is not { } reason || reason == RejectionReasons.NoGpu)
                continue;
            reasons[reason] = reasons.GetValueOrDefault(reason) + kind.Count;
            gpus += kind.Example.Devices.Where(pool => pool is { Free: 0, MemoryPerGpu.Value: > 0 }).Sum(pool => (long)pool.Allocatable) * kind.Count;
        }

        if (nodes == 0)
            return "There are no nodes.";
        if (reasons.Count == 0)
            return nodes == 1 ? "The only node offers no GPU." : string.Create(CultureInfo.InvariantCulture, $"None of the {nodes} nodes offers a GPU.");
        if (reasons.Count == 1 && reasons.ContainsKey(RejectionReasons.AllGpusTaken))
            return gpus == 1 ? "The only GPU is taken." : string.Create(CultureInfo.InvariantCulture, $"All {gpus} GPUs are taken.");
        var counts = string.Join(
            ", ", reasons.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value}")));
        var withGpus = reasons.Values.Sum();
        return withGpus == 1
            ? $"The only node with GPUs may not be used: {reasons.Keys.Single()}."
            : string.Create(CultureInfo.InvariantCulture, $"None of the {withGpus} nodes with GPUs may be used: {counts}.");
    }

    private string Limits()
    {
        var limits = new List<string>();
        if (_request.Scope != PlacementScope.Auto)
            limits.Add($"scope {_request.Scope}");
        if (_request.MaxNodes is { } most)
            limits.Add($"maxNodes {most}");
        if (_request.HostNetwork)
            limits.Add("one node because of network.hostNetwork");
        if (!_request.MixedGpus)
            limits.Add("mixedGpus Forbidden");
        return limits.Count == 0 ? "" : ", within " + string.Join(", ", limits);
    }

    private static ImmutableArray<string> First(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal).Take(MaxExamples)];

    /// <summary>Who has the port: on the only node, or on the first of several.</summary>
    private string WithHolder(RejectedNodes rejected)
    {
        if (rejected.HostPort is not { } port)
            return rejected.Message;
        var node = survey.Fleet.Find(First(rejected.Examples)[0])!;
        return $"{rejected.Message}{(rejected.Count == 1 ? "" : $", on {node.Name}")} by {NodeJudgement.HolderOf(port, node)}";
    }

    private sealed class RejectedNodes(NodeFinding first)
    {
        private long? _mostFree = first.Free;

        public string Reason => first.Reason;

        public int? HostPort => first.HostPort;

        public string Message => _mostFree is { } free ? $"{first.Text}, {NodeJudgement.Free(Reason, free, Count > 1)}" : first.Text;

        public int Count { get; private set; }

        /// <summary>The first names of every kind of nodes counted here.</summary>
        public List<string> Examples { get; } = [];

        public void Add(NodeFinding finding, int nodes)
        {
            Count += nodes;
            _mostFree = finding.Free is { } free ? Math.Max(free, _mostFree ?? free) : _mostFree;
        }
    }
}
