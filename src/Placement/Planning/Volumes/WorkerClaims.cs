using System.Collections.Immutable;

namespace GpuStack.Placement.Planning.Volumes;

/// <summary>
/// The claims that the workers of a group have for themselves, ordinal by ordinal. Which worker gets which node is the scheduler's choice: so
/// a node may work only where one of the claims can be mounted, and the workers' nodes must be such that each claim finds one of its own.
/// Workers beyond the claims get new ones, and are placed as if theirs were like the others.
/// </summary>
/// <param name="Claims">One for each ordinal from 0 on.</param>
public sealed record WorkerClaims(ImmutableArray<VolumeConstraint> Claims)
{
    /// <summary>No worker has a claim yet.</summary>
    public static WorkerClaims None { get; } = new([]);

    /// <summary>Whether there are any.</summary>
    public bool IsEmpty => Claims.IsEmpty;

    /// <summary>Why a node cannot work, in one clause.</summary>
    public string Message => Claims.Length == 1 ? Claims[0].Message : $"{Claims[0].Message}; nor can it mount those of the other {Claims.Length - 1} workers";

    /// <summary>Whether a node can mount one of the claims.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="labels">Its labels.</param>
    public bool Allow(string name, IReadOnlyDictionary<string, string> labels) => IsEmpty || Claims.Any(claim => claim.Allows(name, labels));

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
