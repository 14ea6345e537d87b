using System.Collections.Immutable;

namespace GpuStack.Placement.Fleets;

/// <summary>Nodes that no request which looks at the index's labels can tell apart, but by name and network domain. Immutable.</summary>
/// <param name="Example">Stands for all of them; it may have left the fleet since.</param>
/// <param name="Names">Their names, sorted.</param>
/// <param name="ByDomain">The same names by network domain.</param>
internal sealed record NodeCohort(
    FleetNode Example, ImmutableSortedSet<string> Names, ImmutableSortedDictionary<string, ImmutableSortedSet<string>> ByDomain)
{
    private static readonly ImmutableSortedSet<string> s_noNames = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    private static readonly ImmutableSortedDictionary<string, ImmutableSortedSet<string>> s_noDomains =
        ImmutableSortedDictionary.Create<string, ImmutableSortedSet<string>>(StringComparer.Ordinal);

    /// <summary>A cohort that has no node yet.</summary>
    public static NodeCohort Empty(FleetNode example) => new(example, s_noNames, s_noDomains);

    /// <summary>The cohort of sorted names, each with its domain.</summary>
    public static NodeCohort Of(FleetNode example, IReadOnlyList<(string Name, string Domain)> nodes) => new(
        example,
        nodes.Select(n => n.Name).ToImmutableSortedSet(StringComparer.Ordinal),
        nodes.GroupBy(n => n.Domain, n => n.Name, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(g => g.Key, g => g.ToImmutableSortedSet(StringComparer.Ordinal), StringComparer.Ordinal));

    public NodeCohort With(string name, string domain) => this with
    {
        Names = Names.Add(name),
        ByDomain = ByDomain.SetItem(domain, ByDomain.GetValueOrDefault(domain, s_noNames).Add(name)),
    };

    public NodeCohort Without(string name, string domain)
    {
        var left = ByDomain[domain].Remove(name);
        return this with { Names = Names.Remove(name), ByDomain = left.IsEmpty ? ByDomain.Remove(domain) : ByDomain.SetItem(domain, left) };
    }
}
