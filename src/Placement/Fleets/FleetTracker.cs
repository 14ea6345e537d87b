using GpuStack.Placement.Products;

namespace GpuStack.Placement.Fleets;

/// <summary>
/// Keeps a fleet up to date while nodes and pods come and go: each change costs microseconds, whatever the number of nodes, and never
/// touches a fleet that was handed out. What pods hold is remembered for nodes that are not there yet. Not safe for concurrent use.
/// </summary>
/// <param name="products">The product table.</param>
public sealed class FleetTracker(ProductTable products)
{
    private readonly Dictionary<string, NodeReading> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResourceSums> _taken = new(StringComparer.Ordinal);

    /// <summary>The fleet as it is now.</summary>
    public Fleet Fleet { get; private set; } = Fleet.Empty;

    /// <summary>A node came or changed.</summary>
    /// <param name="node">What it says now.</param>
    public void SetNode(NodeFacts node)
    {
        _nodes[node.Name] = NodeReading.Of(node, products);
        Show(node.Name);
    }

    /// <summary>A node went.</summary>
    /// <param name="name">Its name; unknown names change nothing.</param>
    public void RemoveNode(string name)
    {
        if (_nodes.Remove(name))
            Fleet = Fleet.Without(name);
    }

    /// <summary>A pod, or a plan's claim, holds resources of its node from now on; without a node it holds nothing.</summary>
    /// <param name="pod">Who holds what.</param>
    public void Take(PodFacts pod)
    {
        if (pod.Node.Length == 0)
            return;
        if (!_taken.TryGetValue(pod.Node, out var sums))
            _taken[pod.Node] = sums = new ResourceSums();
        sums.Add(pod);
        Show(pod.Node);
    }

    /// <summary>Gives back what <see cref="Take"/> took; the facts must be the same.</summary>
    /// <param name="pod">Who held what.</param>
    public void Give(PodFacts pod)
    {
        if (!_taken.TryGetValue(pod.Node, out var sums))
            return;
        sums.Remove(pod);
        if (sums.IsEmpty)
            _taken.Remove(pod.Node);
        Show(pod.Node);
    }

    /// <summary>The fleet as it would be without some of those that hold resources.</summary>
    /// <param name="pods">Those to look away from; each must have taken.</param>
    /// <returns>The other fleet.</returns>
    public Fleet Without(IEnumerable<PodFacts> pods)
    {
        var fleet = Fleet;
        foreach (var held in pods.GroupBy(pod => pod.Node, StringComparer.Ordinal))
        {
            if (!_nodes.TryGetValue(held.Key, out var reading) || !_taken.TryGetValue(held.Key, out var sums))
                continue;
            var left = sums.Copy();
            foreach (var pod in held)
                left.Remove(pod);
            fleet = fleet.With(reading.Less(left));
        }

        return fleet;
    }

    private void Show(string node)
    {
        if (_nodes.TryGetValue(node, out var reading))
            Fleet = Fleet.With(reading.Less(_taken.GetValueOrDefault(node)));
    }
}
