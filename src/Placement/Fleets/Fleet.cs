using System.Collections.Immutable;
using System.Runtime.InteropServices;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Fleets;

/// <summary>
/// All nodes at one moment. Immutable: a change of a node makes another fleet that shares all that is unchanged, in a few microseconds,
/// its indexes included. The order of the input leaves no trace.
/// </summary>
public sealed class Fleet
{
    /// <summary>Indexes kept, the last asked for first: requests ask for few different sets of label keys.</summary>
    private const int KeptIndexes = 4;

    private readonly ImmutableSortedDictionary<string, FleetNode> _nodes;
    private ImmutableArray<FleetIndex> _indexes;
    private FleetNode[]? _sorted;

    internal Fleet(IEnumerable<FleetNode> nodes)
        : this(nodes.OrderBy(n => n.Name, StringComparer.Ordinal).DistinctBy(n => n.Name, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(n => n.Name, n => n, StringComparer.Ordinal), [])
    {
    }

    private Fleet(ImmutableSortedDictionary<string, FleetNode> nodes, ImmutableArray<FleetIndex> indexes)
    {
        _nodes = nodes;
        _indexes = indexes;
    }

    /// <summary>A fleet without nodes.</summary>
    public static Fleet Empty { get; } = new([]);

    /// <summary>How many nodes there are.</summary>
    public int Count => _nodes.Count;

    /// <summary>The nodes, sorted by name (ordinal).</summary>
    public ImmutableArray<FleetNode> Nodes => ImmutableCollectionsMarshal.AsImmutableArray(_sorted ??= [.. _nodes.Values]);

    /// <summary>Finds a node.</summary>
    /// <param name="name">The node's name.</param>
    /// <returns>The node, or null.</returns>
    public FleetNode? Find(string name) => _nodes.GetValueOrDefault(name);

    /// <summary>The fleet with a node added or replaced.</summary>
    /// <param name="node">The node.</param>
    /// <returns>The other fleet.</returns>
    public Fleet With(FleetNode node)
    {
        var old = Find(node.Name);
        return new Fleet(_nodes.SetItem(node.Name, node), Indexes(index => index.Replace(old, node)));
    }

    /// <summary>The fleet without a node.</summary>
    /// <param name="name">The node's name; unknown names change nothing.</param>
    /// <returns>The other fleet.</returns>
    public Fleet Without(string name) =>
        Find(name) is { } old ? new Fleet(_nodes.Remove(name), Indexes(index => index.Replace(old, null))) : this;

    /// <summary>The fleet after plans have taken their share of its nodes; unknown nodes are left out.</summary>
    /// <param name="uses">What the plans take.</param>
    /// <returns>The other fleet.</returns>
    public Fleet Taking(IEnumerable<AssumedUse> uses)
    {
        var fleet = this;
        foreach (var use in uses)
        {
            if (fleet.Find(use.Node) is { } node)
                fleet = fleet.With(node.Taking(use));
        }

        return fleet;
    }

    /// <summary>The nodes in classes of equal ones, as far as requests that look at these labels can tell.</summary>
    internal FleetIndex IndexBy(LabelKeys keys)
    {
        var indexes = _indexes;
        foreach (var index in indexes)
        {
            if (index.Keys.Equals(keys))
                return index;
        }

        var made = FleetIndex.Of(keys, _nodes.Values);
        // Two threads may make the same index at a time: one of them is forgotten, both are right.
        _indexes = [made, .. indexes.Take(KeptIndexes - 1)];
        return made;
    }

    private ImmutableArray<FleetIndex> Indexes(Func<FleetIndex, FleetIndex> change)
    {
        var changed = ImmutableArray.CreateBuilder<FleetIndex>(_indexes.Length);
        foreach (var index in _indexes)
            changed.Add(change(index));
        return changed.MoveToImmutable();
    }
}
