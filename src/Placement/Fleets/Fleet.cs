using System.Collections.Frozen;
using System.Collections.Immutable;

namespace GpuStack.Placement.Fleets;

/// <summary>All nodes at one moment, sorted by name. Immutable; the order of the input leaves no trace.</summary>
public sealed class Fleet
{
    private readonly FrozenDictionary<string, int> _byName;

    internal Fleet(IEnumerable<FleetNode> nodes)
    {
        Nodes = [.. nodes.OrderBy(n => n.Name, StringComparer.Ordinal).DistinctBy(n => n.Name, StringComparer.Ordinal)];
        _byName = Enumerable.Range(0, Nodes.Length).ToFrozenDictionary(i => Nodes[i].Name, StringComparer.Ordinal);
    }

    /// <summary>A fleet without nodes.</summary>
    public static Fleet Empty { get; } = new([]);

    /// <summary>The nodes, sorted by name (ordinal).</summary>
    public ImmutableArray<FleetNode> Nodes { get; }

    /// <summary>Finds a node.</summary>
    /// <param name="name">The node's name.</param>
    /// <returns>The node, or null.</returns>
    public FleetNode? Find(string name) => _byName.TryGetValue(name, out var index) ? Nodes[index] : null;
}
