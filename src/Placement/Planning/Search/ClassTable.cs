using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>The classes of the nodes that a request may use, at one state of use, and the domain of each such node.</summary>
internal sealed class ClassTable
{
    private static readonly string[] s_usualDomains = ["topology.kubernetes.io/rack", "topology.kubernetes.io/zone"];

    private readonly Dictionary<NodeClassKey, NodeClass> _classes = [];
    private readonly Dictionary<string, string> _domains = new(StringComparer.Ordinal);

    private ClassTable()
    {
    }

    public IReadOnlyCollection<NodeClass> Classes => _classes.Values;

    public IReadOnlyDictionary<string, string> Domains => _domains;

    /// <param name="fleet">The fleet.</param>
    /// <param name="workload">The request.</param>
    /// <param name="uses">What plans take already.</param>
    /// <param name="withHost">Tell nodes apart by the host memory that layers could take.</param>
    public static ClassTable Build(Fleet fleet, Workload workload, UseTable uses, bool withHost)
    {
        var table = new ClassTable();
        var eligibility = new Eligibility(workload);
        // The fleet's nodes are sorted by name, so each class's are.
        foreach (var node in fleet.Nodes)
        {
            var verdict = eligibility.Judge(node, uses.Of(node.Name));
            if (verdict.Reason is null)
                table.Add(node, verdict, workload, withHost);
        }

        return table;
    }

    /// <summary>The network domain of a node; all nodes without such a label are one domain.</summary>
    private static string Domain(FleetNode node, PlacementRequest request)
    {
        if (request.TopologyKey is { } key)
            return node.Labels.GetValueOrDefault(key, "");
        foreach (var usual in s_usualDomains)
        {
            if (node.Labels.TryGetValue(usual, out var domain))
                return domain;
        }

        return "";
    }

    public static NodeClass Classify(FleetNode node, DevicePool pool, Verdict verdict, Workload workload, bool withHost, bool largest)
    {
        var request = workload.Request;
        var free = verdict.Free;
        var leaderCpu = free.CpuMillis >= workload.LeaderCpu;
        return new NodeClass(
            new NodeClassKey
            {
                ResourceName = pool.ResourceName,
                Product = pool.Product,
                MemoryPerGpu = pool.MemoryPerGpu.Value,
                Gpus = pool.FreeForGroup,
                Domain = Domain(node, request),
                ForGroups = largest,
                CanLeadOne = leaderCpu && free.Memory >= workload.LeaderMemory(0, 1),
                CanLeadMany = leaderCpu && free.Memory >= workload.LeaderMemory(0, 2),
                CanWork = free.CpuMillis >= workload.WorkerCpu && free.Memory >= workload.WorkerMemory,
                OffloadMemory = withHost && leaderCpu ? free.Memory.Value : 0,
                Forced = node.Name == request.LeaderNode,
            },
            pool,
            pool.MemoryPerGpu - request.ReservePerGpu);
    }

    private void Add(FleetNode node, Verdict verdict, Workload workload, bool withHost)
    {
        // Several kinds of devices: each may serve alone, only the largest joins other nodes, so that no node stands in a set twice.
        var largest = verdict.Devices.MaxBy(d => d.MemoryPerGpu.Value * d.FreeForGroup);
        foreach (var pool in verdict.Devices)
        {
            var c = Classify(node, pool, verdict, workload, withHost, ReferenceEquals(pool, largest));
            if (!_classes.TryGetValue(c.Key, out var existing))
                _classes[c.Key] = existing = c;
            existing.Names.Add(node.Name);
        }

        _domains[node.Name] = Domain(node, workload.Request);
    }
}
