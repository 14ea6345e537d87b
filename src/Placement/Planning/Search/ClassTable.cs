using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>The classes of the nodes that a request may use. Made from the fleet's cohorts: no node is looked at by itself.</summary>
internal sealed class ClassTable
{
    private readonly Dictionary<NodeClassKey, NodeClass> _whole = [];
    private readonly List<Entry> _entries = [];
    private NodeClass[]? _inDomains;

    private ClassTable()
    {
    }

    /// <summary>The classes, whatever the domain.</summary>
    public IReadOnlyCollection<NodeClass> Whole => _whole.Values;

    /// <summary>The classes, domain by domain.</summary>
    public IReadOnlyList<NodeClass> InDomains => _inDomains ??= Split();

    /// <param name="fleet">The fleet.</param>
    /// <param name="request">The request.</param>
    /// <param name="needs">What its pods ask of their hosts.</param>
    /// <param name="withHost">Tell nodes apart by the host memory that layers could take.</param>
    public static ClassTable Build(Fleet fleet, PlacementRequest request, HostNeeds needs, bool withHost)
    {
        var table = new ClassTable();
        var eligibility = new Eligibility(request, needs);
        foreach (var kind in NodeKinds.Of(fleet, request))
        {
            var verdict = eligibility.Judge(kind.Example);
            if (verdict.Reason is not null)
                continue;
            // Several kinds of devices: each may serve alone, only the largest joins other nodes, so that no node stands in a set twice.
            var largest = Largest(verdict);
            foreach (var pool in verdict.Devices)
                table.Add(kind, Classify(kind, pool, verdict, request, needs, withHost, ReferenceEquals(pool, largest)));
        }

        return table;
    }

    /// <summary>The devices that join other nodes': those with the most memory.</summary>
    public static DevicePool Largest(Verdict verdict) => verdict.Devices.MaxBy(d => d.MemoryPerGpu.Value * d.FreeForGroup)!;

    /// <summary>The class of a kind of nodes, as yet without a name and a domain.</summary>
    public static NodeClass Classify(
        NodeKind kind, DevicePool pool, Verdict verdict, PlacementRequest request, HostNeeds needs, bool withHost, bool largest)
    {
        var free = verdict.Free;
        var leaderCpu = verdict.MayLead && free.CpuMillis >= needs.LeaderCpu;
        return new NodeClass(
            new NodeClassKey
            {
                ResourceName = pool.ResourceName,
                Product = pool.Product,
                DriverVersion = request.Engine == PlacementEngine.LlamaCpp ? "" : pool.DriverVersion,
                MemoryPerGpu = pool.MemoryPerGpu.Value,
                Gpus = pool.FreeForGroup,
                Domain = "",
                ForGroups = largest,
                CanLeadOne = leaderCpu && free.Memory >= needs.LeaderOfOne,
                CanLeadMany = leaderCpu && free.Memory >= needs.LeaderOfMany,
                CanWork = verdict.MayWork && free.CpuMillis >= needs.WorkerCpu && free.Memory >= needs.Worker,
                OffloadMemory = withHost && leaderCpu ? free.Memory.Value : 0,
                Forced = kind.Forced,
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

    private NodeClass[] Split()
    {
        var classes = new Dictionary<NodeClassKey, NodeClass>(_whole.Count);
        foreach (var (kind, whole) in _entries)
        {
            foreach (var (domain, names) in kind.ByDomain)
            {
                var except = kind.Except is not null && names.Contains(kind.Except) ? kind.Except : null;
                if (except is not null && names.Count == 1)
                    continue;
                var key = whole.Key with { Domain = domain };
                if (!classes.TryGetValue(key, out var c))
                    classes[key] = c = new NodeClass(key, whole.Devices, whole.Usable) { Capacity = whole.Capacity };
                c.Add(names, except);
            }
        }

        return [.. classes.Values];
    }

    private sealed record Entry(NodeKind Kind, NodeClass Whole);
}
