using System.Collections.Immutable;
using GpuStack.Kubernetes.Models;
using GpuStack.Placement.Planning.Volumes;

namespace GpuStack.Operator.Planning.Volumes;

/// <summary>The nodes that volumes and storage classes say they can be used on. Pure.</summary>
internal static class VolumeTerms
{
    /// <summary>
    /// Labels by which older volumes, and those made by hand, say where they are, with the labels of nodes that mean the same. Several
    /// values are joined by two underscores.
    /// </summary>
    private static readonly (string OfVolume, string OfNode)[] TopologyLabels =
    [
        ("topology.kubernetes.io/zone", "topology.kubernetes.io/zone"),
        ("topology.kubernetes.io/region", "topology.kubernetes.io/region"),
        ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
        ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ];

    /// <summary>The nodes of one volume: its node affinity together with its labels.</summary>
    public static ImmutableArray<NodeTerm> Of(V1PersistentVolume volume) =>
        Both(Of(volume.Spec?.NodeAffinity?.Required), OfLabels(volume.Metadata.Labels ?? []));

    /// <summary>The nodes for which a class makes volumes.</summary>
    public static ImmutableArray<NodeTerm> Of(V1StorageClass storageClass) => storageClass.AllowedTopologies is not { Count: > 0 } topologies
        ? [NodeTerm.Any]
        : Merge(topologies.Select(topology => new NodeTerm(
            [.. (topology.MatchLabelExpressions ?? []).Select(expression => new NodeRequirement(expression.Key ?? "", NodeOperator.In, expression.Values ?? []))],
            [])));

    /// <summary>Alternatives that differ in the values of one expression alone become one: hundreds of local volumes are one term.</summary>
    public static ImmutableArray<NodeTerm> Merge(IEnumerable<NodeTerm> terms)
    {
        var merged = new Dictionary<(bool IsName, string Key), HashSet<string>>();
        var rest = new List<NodeTerm>();
        foreach (var term in terms)
        {
            if (term is { Labels: [], Names: [] })
                return [NodeTerm.Any];
            if (Single(term) is not { } single)
            {
                rest.Add(term);
                continue;
            }
            var key = (term.Labels.IsEmpty, single.Key);
            if (!merged.TryGetValue(key, out var values))
                merged[key] = values = new HashSet<string>(StringComparer.Ordinal);
            values.UnionWith(single.Values);
        }
        return
        [
            .. merged.OrderBy(pair => pair.Key.Key, StringComparer.Ordinal).Select(pair =>
            {
                ImmutableArray<NodeRequirement> only = [new NodeRequirement(pair.Key.Key, NodeOperator.In, pair.Value)];
                return pair.Key.IsName ? new NodeTerm([], only) : new NodeTerm(only, []);
            }),
            .. rest,
        ];
    }

    private static NodeRequirement? Single(NodeTerm term) =>
        term.Labels.Length + term.Names.Length == 1 && term.Labels.Concat(term.Names).First() is { Operator: NodeOperator.In } only ? only : null;

    private static ImmutableArray<NodeTerm> Of(V1NodeSelector? selector) => selector is null
        ? [NodeTerm.Any]
        // A term without expressions matches nothing, other than an absent selector.
        : Merge((selector.NodeSelectorTerms ?? [])
            .Where(term => term is { MatchExpressions.Count: > 0 } or { MatchFields.Count: > 0 })
            .Select(term => new NodeTerm([.. (term.MatchExpressions ?? []).Select(Requirement)], [.. (term.MatchFields ?? []).Select(Requirement)])));

    /// <summary>
    /// A node must carry the volume's zone and region; a node without any topology label is taken to stand in the only zone there is.
    /// </summary>
    private static ImmutableArray<NodeTerm> OfLabels(Dictionary<string, string> labels)
    {
        var wanted = TopologyLabels.Where(label => labels.ContainsKey(label.OfVolume)).ToList();
        return wanted.Count == 0 ? [NodeTerm.Any] :
        [
            new NodeTerm([.. wanted.Select(label => new NodeRequirement(label.OfNode, NodeOperator.In, Values(labels[label.OfVolume])))], []),
            new NodeTerm([.. TopologyLabels.Select(label => label.OfNode).Distinct().Select(key => new NodeRequirement(key, NodeOperator.DoesNotExist, []))], []),
        ];
    }

    private static string[] Values(string label) => label.Split("__", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static ImmutableArray<NodeTerm> Both(ImmutableArray<NodeTerm> left, ImmutableArray<NodeTerm> right) =>
    [
        .. left.SelectMany(_ => right, (a, b) => new NodeTerm(a.Labels.AddRange(b.Labels), a.Names.AddRange(b.Names))),
    ];

    /// <summary>An operator that is not known compares as nothing: the term then matches no node.</summary>
    private static NodeRequirement Requirement(V1NodeSelectorRequirement requirement) =>
        Enum.TryParse<NodeOperator>(requirement.Operator, out var comparison) && Enum.IsDefined(comparison)
            ? new NodeRequirement(requirement.Key ?? "", comparison, requirement.Values ?? [])
            : new NodeRequirement(requirement.Key ?? "", NodeOperator.In, []);
}
