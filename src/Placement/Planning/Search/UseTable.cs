namespace GpuStack.Placement.Planning.Search;

/// <summary>What plans take of nodes beyond what the fleet shows: those of earlier requests and the groups planned so far.</summary>
internal sealed class UseTable
{
    private readonly Dictionary<string, NodeUse> _byNode = new(StringComparer.Ordinal);

    public UseTable(IEnumerable<AssumedUse> uses)
    {
        foreach (var use in uses)
            Add(use);
    }

    public NodeUse? Of(string node) => _byNode.GetValueOrDefault(node);

    public void Add(AssumedUse use)
    {
        if (!_byNode.TryGetValue(use.Node, out var sum))
            _byNode[use.Node] = sum = new NodeUse();
        sum.CpuMillis += use.CpuMillis;
        sum.Memory += use.Memory.Value;
        sum.Pods += use.Pods;
        sum.Gpus[use.ResourceName] = sum.Gpus.GetValueOrDefault(use.ResourceName) + use.Gpus;
    }
}

/// <summary>The sum of uses of one node.</summary>
internal sealed class NodeUse
{
    public long CpuMillis { get; set; }

    public long Memory { get; set; }

    public int Pods { get; set; }

    public Dictionary<string, int> Gpus { get; } = new(StringComparer.Ordinal);
}
