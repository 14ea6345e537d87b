using System.Collections.Immutable;

namespace GpuStack.Placement.Planning.Volumes;

/// <summary>
/// Which nodes can mount a volume of the deployment: those that satisfy one of the <see cref="Alternatives"/>, and, by its
/// <see cref="Sharing"/>, how many at a time. The reason of a node that cannot is <see cref="RejectionReasons.VolumeTopology"/>.
/// </summary>
public sealed class VolumeConstraint
{
    /// <summary>A constraint.</summary>
    /// <param name="claim">Name of the claim.</param>
    /// <param name="alternatives">The terms of which a node must satisfy one; none at all keeps every node out.</param>
    /// <param name="message">What is to be said of a node that is kept out, such as <c>claim models: its volume is in zone eu-1a</c>.</param>
    public VolumeConstraint(string claim, ImmutableArray<NodeTerm> alternatives, string message)
    {
        Claim = claim;
        Alternatives = alternatives;
        Message = message;
        Keys = [.. alternatives.SelectMany(term => term.Labels).Select(requirement => requirement.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        UsesName = alternatives.Any(term => !term.Names.IsEmpty);
    }

    /// <summary>Name of the claim.</summary>
    public string Claim { get; }

    /// <summary>The terms of which a node must satisfy one.</summary>
    public ImmutableArray<NodeTerm> Alternatives { get; }

    /// <summary>What is to be said of a node that is kept out: one clause with the claim's name.</summary>
    public string Message { get; }

    /// <summary>The label keys that <see cref="Allows"/> looks at, sorted: nodes that agree in them fare alike, unless <see cref="UsesName"/>.</summary>
    public ImmutableArray<string> Keys { get; }

    /// <summary>Whether <see cref="Allows"/> looks at the node's name.</summary>
    public bool UsesName { get; }

    /// <summary>Only the leader mounts the volume; false: every pod of a group does.</summary>
    public bool LeaderOnly { get; init; }

    /// <summary>How many pods may mount it at a time.</summary>
    public VolumeSharing Sharing { get; init; }

    /// <summary>A volume that every node can mount.</summary>
    public static VolumeConstraint AnyNode(string claim) => new(claim, [NodeTerm.Any], "");

    /// <summary>A volume that one node alone can mount.</summary>
    public static VolumeConstraint OneNode(string claim, string node, string message) => new(claim, [NodeTerm.OfNode(node)], message);

    /// <summary>A volume that no node can mount.</summary>
    public static VolumeConstraint NoNode(string claim, string message) => new(claim, [], message);

    /// <summary>Whether a node can mount the volume.</summary>
    /// <param name="nodeName">The node's name.</param>
    /// <param name="labels">Its labels.</param>
    public bool Allows(string nodeName, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var term in Alternatives)
        {
            if (term.Matches(nodeName, labels))
                return true;
        }

        return false;
    }

    /// <summary>
    /// What the volume means for a further group when the leaders of others stand already: with <see cref="VolumeSharing.OneNode"/> it must
    /// be led from their node, with <see cref="VolumeSharing.OnePod"/> from nowhere. Null when it means nothing more.
    /// </summary>
    /// <param name="leaders">The nodes of the other groups' leaders.</param>
    public VolumeConstraint? Beside(IReadOnlyCollection<string> leaders) => leaders.Count == 0 ? null : Sharing switch
    {
        VolumeSharing.OneNode => With(OneNode(
            Claim, leaders.Min(StringComparer.Ordinal)!, $"claim {Claim}: ReadWriteOnce, and another group has it on node {leaders.Min(StringComparer.Ordinal)}")),
        VolumeSharing.OnePod => With(NoNode(Claim, $"claim {Claim}: ReadWriteOncePod, and another group has it")),
        _ => null,
    };

    private VolumeConstraint With(VolumeConstraint further) =>
        new(further.Claim, further.Alternatives, further.Message) { LeaderOnly = LeaderOnly, Sharing = Sharing };
}
