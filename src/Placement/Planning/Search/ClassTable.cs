using System.Collections.Frozen;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>The classes of the nodes that a request may use. Made from the fleet's cohorts: no node is looked at by itself.</summary>
internal sealed class ClassTable
{
    private readonly Dictionary<NodeClassKey, NodeClass> _whole = [];
    private readonly List<Entry> _entries = [];

    private ClassTable()
    {
    }

    /// <summary>The classes, whatever the domain.</summary>
    public IReadOnlyCollection<NodeClass> Whole => _whole.Values;

    /// <summary>The classes that some of <see cref="Whole"/> are in the domains.</summary>
    public IReadOnlyList<NodeClass> InDomainsOf(IEnumerable<NodeClass> whole)
    {
        var classes = new Dictionary<(NodeClass, string), NodeClass>();
        foreach (var part in PartsOf(whole))
        {
            if (!classes.TryGetValue((part.Whole, part.Domain), out var c))
                classes[(part.Whole, part.Domain)] = c = part.Whole.In(part.Domain);
            c.Add(part.Names, part.Except);
        }

        return [.. classes.Values];
    }

    /// <summary>The parts that some of <see cref="Whole"/> have in the domains.</summary>
    public IEnumerable<ClassPart> PartsOf(IEnumerable<NodeClass> whole)
    {
        var wanted = new HashSet<NodeClass>(whole, ReferenceEqualityComparer.Instance);
        foreach (var (kind, c) in _entries)
        {
            if (!wanted.Contains(c))
                continue;
            foreach (var (domain, names) in kind.ByDomain)
            {
                var except = kind.Except.Count == 0 ? kind.Except : kind.Except.Where(names.Contains).ToFrozenSet(StringComparer.Ordinal);
                if (except.Count < names.Count)
                    yield return new ClassPart(c, domain, names, except);
            }
        }
    }

    /// <param name="survey">The fleet's nodes and the verdicts on them.</param>
    /// <param name="needs">What the pods ask of their hosts.</param>
    /// <param name="withHost">Tell nodes apart by the host memory that layers could take.</param>
    public static ClassTable Build(FleetSurvey survey, HostNeeds needs, bool withHost)
    {
        var table = new ClassTable();
        foreach (var surveyed in survey.Kinds)
        {
            if (surveyed.Verdict.Reason is not null)
                continue;
            // Several kinds of devices: each may serve alone, only the largest joins other nodes, so that no node stands in a set twice.
            var largest = Largest(surveyed.Verdict);
            foreach (var pool in surveyed.Verdict.Devices)
                table.Add(surveyed.Kind, Classify(surveyed, pool, survey.Request, needs, withHost, ReferenceEquals(pool, largest)));
        }

        return table;
    }

    /// <summary>The devices that join other nodes': those with the most memory.</summary>
    public static DevicePool Largest(Verdict verdict)
    {
        var largest = verdict.Devices[0];
        for (var i = 1; i < verdict.Devices.Count; i++)
        {
            if (verdict.Devices[i].MemoryPerGpu.Value * verdict.Devices[i].FreeForGroup > largest.MemoryPerGpu.Value * largest.FreeForGroup)
                largest = verdict.Devices[i];
        }

        return largest;
    }

    /// <summary>The class of a kind of nodes, as yet without a name and a domain.</summary>
    public static NodeClass Classify(
        SurveyedKind surveyed, DevicePool pool, PlacementRequest request, HostNeeds needs, bool withHost, bool largest)
    {
        var verdict = surveyed.Verdict;
        var free = verdict.Free;
        var leaderCpu = verdict is { LeadersVolume: null, LeadersPort: null } && free.CpuMillis >= needs.LeaderCpu;
        return new NodeClass(
            new NodeClassKey
            {
                ResourceName = pool.ResourceName,
                Product = pool.Product,
                Unit = pool.Unit,
                DriverMajor = request.Engine == PlacementEngine.LlamaCpp ? "" : pool.DriverMajor,
                MemoryPerGpu = pool.MemoryPerGpu.Value,
                Gpus = needs.MostGpus(free.Memory, pool.FreeForGroup),
                Domain = "",
                Network = NodeNetwork.Between(surveyed.Kind.Example.Network, surveyed.Kind.Example.Network),
                ForGroups = largest,
                CanLeadOne = leaderCpu && free.Memory >= needs.LeaderOfOne,
                CanLeadMany = leaderCpu && free.Memory >= needs.LeaderOfMany,
                CanWork = free.CpuMillis >= needs.WorkerCpu && free.Memory >= needs.Worker,
                HoldsClaim = !verdict.NoWorkersClaim,
                OffloadMemory = withHost && leaderCpu ? free.Memory.Value : 0,
                Forced = surveyed.Kind.Forced,
            },
            pool,
            pool.MemoryPerGpu - request.ReservePerGpu);
    }

    private void Add(NodeKind kind, NodeClass c)
    {
        if (!_whole.TryGetValue(c.Key, out var existing))
            _whole[c.Key] = existing = c;
        existing.Add(kind.Names, kind.Except);
        _entries.Add(new Entry(kind, existing));
    }

    private sealed record Entry(NodeKind Kind, NodeClass Whole);
}
