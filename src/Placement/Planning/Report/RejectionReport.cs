using System.Collections.Immutable;
using GpuStack.Modeling;
using GpuStack.Placement.Fleets;
using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning.Report;

/// <summary>
/// Says of every node that no group uses why, with exactly one reason: a fault of the node, a wish of the request, or what
/// its free devices hold against what the model takes there. Equal reasons are one entry with a count.
/// </summary>
internal sealed class RejectionReport(
    Fleet fleet, Workload workload, ImmutableArray<GroupPlan> groups, bool feasible)
{
    private const int MaxEntries = 24;
    private const int MaxExamples = 3;

    private readonly PlacementRequest _request = workload.Request;
    private readonly Dictionary<(string Product, int Gpus, long Usable), string> _tooSmall = [];
    private readonly Dictionary<(long Usable, int Gpus), bool> _holds = [];
    private int _eligibleNodes;
    private int _eligibleGpus;
    private Bytes _eligibleMemory;

    public ImmutableArray<Rejection> Rejections()
    {
        var used = groups.SelectMany(g => g.Workers.Prepend(g.Leader)).Select(n => n.Node).ToHashSet(StringComparer.Ordinal);
        var usedOf = NodeKinds.CountByCohort(fleet, _request, used);
        var eligibility = new Eligibility(_request, workload.Needs);
        var entries = new Dictionary<(string Reason, string Message), RejectedNodes>();
        foreach (var kind in NodeKinds.Of(fleet, _request))
        {
            var verdict = eligibility.Judge(kind.Example);
            Count(verdict, kind.Count);
            var unused = kind.Count - (kind.Forced ? (used.Contains(kind.Example.Name) ? 1 : 0) : usedOf.GetValueOrDefault(kind.Names));
            if (unused == 0)
                continue;
            var key = verdict.Reason is { } reason ? (reason, verdict.Message) : Explain(kind, verdict);
            if (!entries.TryGetValue(key, out var nodes))
                entries[key] = nodes = new RejectedNodes();
            nodes.Count += unused;
            nodes.Examples.AddRange(kind.Names.Where(name => name != kind.Except && !used.Contains(name)).Take(MaxExamples));
        }

        var sorted = entries.OrderByDescending(e => e.Value.Count).ThenBy(e => e.Key.Reason, StringComparer.Ordinal)
            .ThenBy(e => e.Key.Message, StringComparer.Ordinal).ToArray();
        var rejections = sorted.Take(MaxEntries)
            .Select(e => new Rejection(e.Key.Reason, e.Key.Message, e.Value.Count, First(e.Value.Examples)));
        // Rare messages beyond the limit are counted under their reason alone, so that the counts still add up.
        var rest = sorted.Skip(MaxEntries).GroupBy(e => e.Key.Reason, StringComparer.Ordinal)
            .Select(g => new Rejection(g.Key, $"{g.First().Key.Message}; {g.Count()} variants of this",
                g.Sum(e => e.Value.Count), First(g.SelectMany(e => e.Value.Examples))));
        return [.. rejections, .. rest];
    }

    private static ImmutableArray<string> First(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal).Take(MaxExamples)];

    /// <summary>Why not all replicas have a place; call after <see cref="Rejections"/>.</summary>
    public string Summary()
    {
        if (_request.LeaderNode is { } leader)
        {
            var node = fleet.Find(leader);
            if (node is null)
                return $"placement.leader.nodeName: there is no node {leader}.";
            var verdict = new Eligibility(_request, workload.Needs).Judge(node);
            if (verdict.Reason is not null)
                return $"placement.leader.nodeName: {leader} cannot lead: {verdict.Message}.";
            var (_, message) = Explain(NodeKinds.Of(fleet, _request).First(kind => kind.Forced), verdict);
            return $"placement.leader.nodeName: no group led by {leader} holds the model: {message}.";
        }

        if (groups.Length > 0)
            return $"{groups.Length} of {_request.Replicas} replicas fit; the free GPUs left do not hold another one.";
        return _eligibleNodes == 0
            ? "No node may be used."
            : $"{_request.Launch.ModelName} needs {workload.Need(Math.Max(1, Math.Min(_eligibleGpus, workload.Layers)))} on {Devices(_eligibleGpus)}; "
                + $"usable {_eligibleMemory} on {(_eligibleNodes == 1 ? "one node" : $"{_eligibleNodes} nodes")}{Limits()}.";
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

    private void Count(Verdict verdict, int nodes)
    {
        if (verdict.Reason is not null)
            return;
        var pool = ClassTable.Largest(verdict);
        _eligibleNodes += nodes;
        _eligibleGpus += pool.FreeForGroup * nodes;
        _eligibleMemory += Usable(pool) * pool.FreeForGroup * nodes;
    }

    private (string Reason, string Message) Explain(NodeKind kind, Verdict verdict)
    {
        var pool = ClassTable.Largest(verdict);
        var c = ClassTable.Classify(kind, pool, verdict, _request, workload.Needs, withHost: true, largest: true);
        var gpus = _request.Scope == PlacementScope.SingleGpu ? 1 : c.Gpus;
        var holds = Holds(c, gpus);
        var canHelp = workload.Capacity(c.Usable, c.Gpus, partial: false) > 0;
        var severalNodes = groups.Any(g => !g.Workers.IsEmpty);

        if (holds && !c.Key.CanLeadOne)
            return CannotLead(verdict, workload.LeaderMemory(0, gpus), "to lead");
        if (feasible && (holds || (severalNodes && canHelp)))
            return (RejectionReasons.NotNeeded, $"would do: {Devices(c.Gpus)} with {Usable(pool) * c.Gpus} usable");
        if (!feasible && groups.Length > 0 && holds)
            return (RejectionReasons.Constraint, "could serve a replica, but not in the way that was asked for");
        if (_request.LeaderNode is not null && !kind.Forced && _request.Scope is PlacementScope.SingleGpu or PlacementScope.SingleNode)
            return (RejectionReasons.Constraint, $"placement.leader.nodeName is {_request.LeaderNode}, and scope {_request.Scope} wants one node");
        if (holds)
            return (RejectionReasons.Constraint, Refusal());
        if (_request.CpuOffload && !feasible && LayerFill.FirstOffloaded(workload, Alone(c, Math.Min(gpus, workload.Layers - 1))) is { } start
            && workload.LeaderMemory(start, gpus).Value > c.Key.OffloadMemory)
            return CannotLead(verdict, workload.LeaderMemory(start, gpus), $"for the {start} layers that its GPUs leave to the CPU");
        return (RejectionReasons.TooSmall, TooSmall(c, gpus));
    }

    private bool Holds(NodeClass c, int gpus)
    {
        var key = (c.Usable.Value, gpus);
        if (!_holds.TryGetValue(key, out var holds))
            _holds[key] = holds = Enumerable.Range(1, Math.Min(gpus, workload.Layers)).Any(g => LayerFill.Fits(workload, Alone(c, g), 0, partial: false));
        return holds;
    }

    private string Refusal() =>
        _request.Scope == PlacementScope.MultiNode ? "holds the model alone, but scope MultiNode wants two nodes or more"
        : _request.LeaderNode is { } leader ? $"holds the model alone, but placement.leader.nodeName is {leader}"
        : "holds the model alone, but not in the way that was asked for";

    private (string Reason, string Message) CannotLead(Verdict verdict, Bytes memory, string purpose) =>
        verdict.Free.CpuMillis < workload.LeaderCpu
            ? (RejectionReasons.HostCpu, $"needs {Eligibility.Cores(workload.LeaderCpu)} CPU to lead, free {Eligibility.Cores(verdict.Free.CpuMillis)}")
            : (RejectionReasons.HostMemory, $"needs {memory} of host memory {purpose}, free {verdict.Free.Memory}");

    private string TooSmall(NodeClass c, int gpus)
    {
        var key = (c.Key.Product, gpus, c.Usable.Value);
        if (_tooSmall.TryGetValue(key, out var message))
            return message;
        var (need, usable) = (workload.Need(gpus), Usable(c.Devices) * gpus);
        message = $"needs {need} on {Devices(gpus)}, usable {usable} ({gpus} x {c.Devices.MemoryPerGpu} {DeviceReader.Describe(c.Devices)}"
            + $" less {_request.ReservePerGpu} reserve each)";
        if (need <= usable)
            message += "; no split into whole layers fits";
        return _tooSmall[key] = message;
    }

    private static Layout Alone(NodeClass c, int gpus) => new([new Seat(c, Math.Max(1, gpus))]);

    private Bytes Usable(DevicePool pool) => Bytes.Max(Bytes.Zero, pool.MemoryPerGpu - _request.ReservePerGpu);

    private static string Devices(int gpus) => gpus == 1 ? "1 GPU" : $"{gpus} GPUs";

    private sealed class RejectedNodes
    {
        public int Count { get; set; }

        /// <summary>The first names of every kind of node counted here.</summary>
        public List<string> Examples { get; } = [];
    }
}
