using System.Collections.Immutable;

namespace GpuStack.Placement.Fleets;

/// <summary>
/// The labels that a request looks at: those that decide whether it may use a node, and those whose first one present names the node's
/// network domain; and the host ports that it wants. Equal by value.
/// </summary>
internal sealed class LabelKeys : IEquatable<LabelKeys>
{
    /// <param name="deciding">Keys that decide, in any order.</param>
    /// <param name="domain">Keys of the domain, the one that counts first.</param>
    public LabelKeys(IEnumerable<string> deciding, params ImmutableArray<string> domain)
    {
        Deciding = [.. deciding.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Domain = domain;
    }

    public ImmutableArray<string> Deciding { get; }

    public ImmutableArray<string> Domain { get; }

    /// <summary>Host ports that tell nodes apart by being taken; none for requests that want none.</summary>
    public ImmutableArray<int> HostPorts { get; init; } = [];

    /// <summary>The network domain of a node; all nodes without such a label are one domain.</summary>
    public string DomainOf(FleetNode node)
    {
        foreach (var key in Domain)
        {
            if (node.Labels.TryGetValue(key, out var domain))
                return domain;
        }

        return "";
    }

    public bool Equals(LabelKeys? other) =>
        other is not null && Deciding.AsSpan().SequenceEqual(other.Deciding.AsSpan()) && Domain.AsSpan().SequenceEqual(other.Domain.AsSpan())
        && HostPorts.AsSpan().SequenceEqual(other.HostPorts.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as LabelKeys);

    public override int GetHashCode() => HashCode.Combine(Deciding.Length, Domain.Length);
}
