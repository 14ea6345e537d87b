using System.Collections.Frozen;
using System.Collections.Immutable;
using GpuStack.Placement.Fleets;

namespace GpuStack.Placement.Planning.Search;

/// <summary>Nodes that a request judges alike: a cohort of the fleet, or the part of one that the request can tell apart.</summary>
/// <param name="Example">Stands for all of them; its name is one of theirs only where the request names it.</param>
/// <param name="Names">Their names, sorted.</param>
/// <param name="ByDomain">The same names by network domain.</param>
/// <param name="Except">Names among them that do not belong here.</param>
/// <param name="Forced">The node named by <c>placement.leader.nodeName</c>.</param>
/// <param name="Named">One node that the request names.</param>
internal sealed record NodeKind(
    FleetNode Example,
    ImmutableSortedSet<string> Names,
    ImmutableSortedDictionary<string, ImmutableSortedSet<string>> ByDomain,
    FrozenSet<string> Except,
    bool Forced,
    bool Named)
{
    public int Count => Names.Count - Except.Count;

    /// <summary>The smallest name.</summary>
    public string FirstName => Names.First(name => !Except.Contains(name));
}
