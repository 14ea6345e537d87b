using GpuStack.Placement.Products;

namespace GpuStack.Placement.Fleets;

/// <summary>Concludes from labels, annotations and requests what is free where.</summary>
public static class FleetBuilder
{
    /// <summary>Builds the fleet. Never fails: what cannot be read becomes the node's problem.</summary>
    /// <param name="nodes">All nodes, in any order.</param>
    /// <param name="pods">All unfinished pods, in any order.</param>
    /// <param name="products">The product table.</param>
    /// <returns>The fleet.</returns>
    public static Fleet Build(IEnumerable<NodeFacts> nodes, IEnumerable<PodFacts> pods, ProductTable products) => Fleet.Empty;
}
