using System.Collections.Immutable;

namespace GpuStack.Placement.Planning.Volumes;

/// <summary>
/// The claims that the workers of a group have for themselves, ordinal by ordinal. Which worker gets which node is the scheduler's choice: so
/// a node may work only where one of the claims can be mounted, and the workers' nodes must be such that each claim finds one of its own.
/// Workers beyond the claims get new ones wherever they are.
/// </summary>
/// <param name="Claims">One for each ordinal from 0 on; one for every node where a worker has none, for it was deleted.</param>
public sealed record WorkerClaims(ImmutableArray<VolumeConstraint> Claims)
{
    /// <summary>No worker has a claim yet.</summary>
    public static WorkerClaims None { get; } = new([]);

    /// <summary>Whether there are any.</summary>
    public bool IsEmpty => Claims.IsEmpty;

    /// <summary>Why a node cannot work, in one clause.</summary>
    public string Message => Tied is [var one] ? one.Message : $"{Tied[0].Message}; nor can it mount those of the other {Tied.Length - 1} workers";

    /// <summary>The claims that are tied to nodes, in words.</summary>
    public string Names => Tied is [var one] ? one.Claim : $"{Tied[0].Claim} and further ones";

    private ImmutableArray<VolumeConstraint> Tied { get; } = [.. Claims.Where(claim => !claim.Alternatives.Any(term => term.Labels.IsEmpty && term.Names.IsEmpty))];

    /// <summary>Whether a node can mount one of the claims that are tied to nodes; any can where none is.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="labels">Its labels.</param>
    public bool Allow(string name, IReadOnlyDictionary<string, string> labels) => Tied is not [_, ..] tied || tied.Any(claim => claim.Allows(name, labels));

    /// <summary>Whether each claim, as far as there are nodes for workers, can be mounted on a node of its own.</summary>
    /// <param name="nodes">The workers' nodes.</param>
    public bool Fit(IReadOnlyList<(string Name, IReadOnlyDictionary<string, string> Labels)> nodes)
    {
        var claimOf = Enumerable.Repeat(-1, nodes.Count).ToArray();
        for (var claim = 0; claim < Math.Min(Claims.Length, nodes.Count); claim++)
        {
            if (!Seat(claim, new bool[nodes.Count]))
                return false;
        }

        return true;

        // Kuhn's algorithm: a claim takes a free node, or one whose claim finds another.
        bool Seat(int claim, bool[] seen)
        {
            for (var node = 0; node < nodes.Count; node++)
            {
                if (seen[node] || !Claims[claim].Allows(nodes[node].Name, nodes[node].Labels))
                    continue;
                seen[node] = true;
                if (claimOf[node] >= 0 && !Seat(claimOf[node], seen))
                    continue;
                claimOf[node] = claim;
                return true;
            }

            return false;
        }
    }
}
