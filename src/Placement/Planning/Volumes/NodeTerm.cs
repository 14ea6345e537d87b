using System.Collections.Immutable;

namespace GpuStack.Placement.Planning.Volumes;

/// <summary>Expressions that a node must all satisfy.</summary>
/// <param name="Labels">About its labels.</param>
/// <param name="Names">About its name; the key plays no part.</param>
public sealed record NodeTerm(ImmutableArray<NodeRequirement> Labels, ImmutableArray<NodeRequirement> Names)
{
    /// <summary>Every node satisfies it.</summary>
    public static NodeTerm Any { get; } = new([], []);

    /// <summary>One node alone satisfies it.</summary>
    public static NodeTerm OfNode(string name) => new([], [new NodeRequirement("metadata.name", NodeOperator.In, [name])]);

    /// <summary>Whether a node satisfies all expressions.</summary>
    public bool Matches(string nodeName, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in Names)
        {
            if (!requirement.Matches(nodeName))
                return false;
        }

        foreach (var requirement in Labels)
        {
            if (!requirement.Matches(labels.TryGetValue(requirement.Key, out var value) ? value : null))
                return false;
        }

        return true;
    }

    /// <summary>As messages show it.</summary>
    public override string ToString() => Labels.IsEmpty && Names.IsEmpty ? "any node" : string.Join(" and ", Names.Concat(Labels).Select(Text));

    private static string Text(NodeRequirement requirement) => requirement switch
    {
        { Operator: NodeOperator.In, Key: "metadata.name" or "kubernetes.io/hostname" } => $"on node {requirement.Shown()}",
        { Operator: NodeOperator.In } when requirement.Key.EndsWith("/zone", StringComparison.Ordinal) => $"in zone {requirement.Shown()}",
        { Operator: NodeOperator.In } when requirement.Key.EndsWith("/region", StringComparison.Ordinal) => $"in region {requirement.Shown()}",
        _ => $"where {requirement}",
    };
}
