namespace GpuStack.Placement.Planning.Search;

/// <summary>A group found by the search: seats, layers, and what it is judged by.</summary>
internal sealed record Candidate(Layout Layout, int FirstOffloaded, int[] LayersPerDevice, long TokenPicoseconds)
{
    /// <summary>Domains the nodes stand in; set by searches over several nodes.</summary>
    public int Domains { get; init; } = 1;

    public int Nodes => Layout.Seats.Count;

    public int Gpus => Layout.Devices;

    /// <summary>Fewest layers on the host, nodes, domains, GPUs; then the highest speed; then names, so that the order is total.</summary>
    public static int Compare(Candidate a, Candidate b)
    {
        var order = a.FirstOffloaded.CompareTo(b.FirstOffloaded);
        if (order == 0)
            order = a.Nodes.CompareTo(b.Nodes);
        if (order == 0)
            order = a.Domains.CompareTo(b.Domains);
        if (order == 0)
            order = a.Gpus.CompareTo(b.Gpus);
        if (order == 0)
            order = a.TokenPicoseconds.CompareTo(b.TokenPicoseconds);
        for (var i = a.Layout.Seats.Count - 1; order == 0 && i >= 0; i--)
            order = NodeClass.CompareNames(a.Layout.Seats[i].Class, b.Layout.Seats[i].Class);
        return order;
    }

    public static Candidate? Better(Candidate? a, Candidate? b) => a is null ? b : b is null || Compare(a, b) <= 0 ? a : b;
}
