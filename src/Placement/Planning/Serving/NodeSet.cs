using GpuStack.Placement.Planning.Search;

namespace GpuStack.Placement.Planning.Serving;

/// <summary>A leader and workers, by their classes; a class that gives several workers stands there as often.</summary>
/// <param name="Leader">The leader's class.</param>
/// <param name="Workers">The workers' classes, equal ones together.</param>
/// <param name="Domains">Topology domains they stand in.</param>
internal sealed record NodeSet(NodeClass Leader, IReadOnlyList<NodeClass> Workers, int Domains)
{
    /// <summary>Free memory of all its nodes before planning, in bytes.</summary>
    public Int128 Pool { get; } = Workers.Aggregate((Int128)Leader.Pool, (sum, worker) => sum + worker.Pool);

    /// <summary>Fewer domains; then, for Pack, smaller pools and for Spread larger ones; then the leader's name and the workers', so that the order is total.</summary>
    public static int Compare(NodeSet a, NodeSet b, PlacementStrategy strategy)
    {
        var order = a.Domains.CompareTo(b.Domains);
        if (order == 0)
            order = strategy == PlacementStrategy.Spread ? b.Pool.CompareTo(a.Pool) : a.Pool.CompareTo(b.Pool);
        if (order == 0)
            order = NodeClass.CompareNames(a.Leader, b.Leader);
        for (var i = 0; order == 0 && i < a.Workers.Count && i < b.Workers.Count; i++)
            order = string.CompareOrdinal(a.Workers[i].FirstName, b.Workers[i].FirstName);
        return order;
    }

    /// <summary>The nodes' names: the leader, then the workers by name. Within a class the leader takes the first name.</summary>
    public IReadOnlyList<(string Name, NodeClass Class)> Names()
    {
        var workers = new List<(string Name, NodeClass Class)>(Workers.Count);
        foreach (var group in Workers.GroupBy(w => w, ReferenceEqualityComparer.Instance))
        {
            var c = (NodeClass)group.Key!;
            var skip = ReferenceEquals(c, Leader) ? 1 : 0;
            var count = group.Count();
            var names = c.First(count + skip);
            for (var i = 0; i < count; i++)
                workers.Add((names[i + skip], c));
        }

        workers.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return [(Leader.FirstName, Leader), .. workers];
    }
}
