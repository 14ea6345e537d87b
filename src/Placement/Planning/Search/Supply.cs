namespace GpuStack.Placement.Planning.Search;

/// <summary>Nodes of one shape that a search may draw on.</summary>
internal sealed class Supply(NodeShape shape)
{
    public NodeShape Shape { get; } = shape;

    public List<NodeClass> Classes { get; } = [];

    /// <summary>Nodes in all.</summary>
    public int Count { get; private set; }

    public void Add(NodeClass c)
    {
        Classes.Add(c);
        Count += c.Count;
    }

    /// <summary>A class with a node that is not taken yet, the smallest name first; notes that one more of it is taken.</summary>
    public NodeClass Take(Dictionary<NodeClass, int> taken)
    {
        NodeClass? first = null;
        foreach (var c in Classes)
        {
            if (taken.GetValueOrDefault(c) < c.Count && (first is null || string.CompareOrdinal(c.FirstName, first.FirstName) < 0))
                first = c;
        }

        taken[first!] = taken.GetValueOrDefault(first!) + 1;
        return first!;
    }
}
