using GpuStack.Placement.Products;

namespace GpuStack.Placement.Fleets;

/// <summary>
/// Concludes from labels, annotations and requests what is free where: the requests of all bound pods are summed per node,
/// <see cref="DeviceReader"/> reads the kinds of devices, and what is left over is free. Nodes never fail the whole:
/// what cannot be read becomes the node's problem.
/// </summary>
public static class FleetBuilder
{
    /// <summary>Builds the fleet.</summary>
    /// <param name="nodes">All nodes, in any order.</param>
    /// <param name="pods">All unfinished pods, in any order.</param>
    /// <param name="products">The product table.</param>
    /// <returns>The fleet.</returns>
    public static Fleet Build(IEnumerable<NodeFacts> nodes, IEnumerable<PodFacts> pods, ProductTable products)
    {
        var taken = new Dictionary<string, ResourceSums>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (pod.Node.Length == 0)
                continue;
            if (!taken.TryGetValue(pod.Node, out var sums))
                taken[pod.Node] = sums = new ResourceSums();
            sums.Add(pod);
        }

        return new Fleet(nodes.Select(node => NodeReading.Of(node, products).Less(taken.GetValueOrDefault(node.Name))));
    }
}
