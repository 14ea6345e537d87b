using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace GpuStack.Placement.Planning.Search;

/// <summary>Nodes of a class that stand in one network domain; a class may have several parts in one.</summary>
/// <param name="Whole">The class.</param>
/// <param name="Domain">The domain.</param>
/// <param name="Names">Names, sorted.</param>
/// <param name="Except">Those of the names that do not belong here.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ClassPart(NodeClass Whole, string Domain, ImmutableSortedSet<string> Names, FrozenSet<string> Except)
{
    public int Count => Names.Count - Except.Count;
}
