namespace GpuStack.Placement.Planning.Serving;

/// <summary>A layout and the nodes for it.</summary>
/// <param name="Layout">How the model is divided.</param>
/// <param name="Set">Where it stands.</param>
internal sealed record ServingCandidate(ServingLayout Layout, NodeSet Set)
{
    /// <summary>The better one of two on several nodes: fewest nodes, domains, the highest speed for each GPU, fewest GPUs; then by pools and names.</summary>
    public static ServingCandidate? Better(ServingCandidate? a, ServingCandidate? b, PlacementStrategy strategy)
    {
        if (a is null || b is null)
            return a ?? b;
        var order = a.Layout.Nodes.CompareTo(b.Layout.Nodes);
        if (order == 0)
            order = a.Set.Domains.CompareTo(b.Set.Domains);
        if (order == 0)
            order = ServingLayout.CompareWorth(a.Layout, b.Layout);
        if (order == 0)
            order = NodeSet.Compare(a.Set, b.Set, strategy);
        return order <= 0 ? a : b;
    }
}
