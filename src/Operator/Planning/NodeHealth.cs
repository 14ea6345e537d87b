using System.Collections.Immutable;
using GpuStack.Kubernetes.Models;

namespace GpuStack.Operator.Planning;

/// <summary>
/// Which nodes are lost: gone, or NotReady for longer than the toleration. When more than half of the GPU nodes are NotReady the fault is
/// more likely in the network or the control plane than in the nodes, and nothing is moved. Pure.
/// </summary>
internal static class NodeHealth
{
    /// <summary>Judges the nodes of a plan.</summary>
    /// <param name="planned">Names of the plan's nodes.</param>
    /// <param name="find">Finds a node; null when there is none of that name.</param>
    /// <param name="toleration">How long a node may be NotReady.</param>
    /// <param name="now">The present.</param>
    public static NodeVerdict Judge(IEnumerable<string> planned, Func<string, V1Node?> find, TimeSpan toleration, DateTimeOffset now)
    {
        var lost = ImmutableArray.CreateBuilder<string>();
        var unready = ImmutableArray.CreateBuilder<string>();
        TimeSpan? next = null;
        foreach (var name in planned.Distinct(StringComparer.Ordinal))
        {
            var node = find(name);
            if (node is null)
            {
                lost.Add(name);
                continue;
            }
            if (FleetFacts.IsReady(node))
                continue;
            unready.Add(name);
            var since = node.Status?.Conditions?.Find(condition => condition.Type is "Ready")?.LastTransitionTime
                ?? node.Metadata.CreationTimestamp ?? now;
            var left = since + toleration - now;
            if (left <= TimeSpan.Zero)
                lost.Add(name);
            else if (next is null || left < next)
                next = left;
        }
        return new NodeVerdict(lost.ToImmutable(), unready.ToImmutable(), next);
    }

    /// <summary>Whether more than half of the GPU nodes are NotReady.</summary>
    public static bool MostlyDown(int gpuNodes, int readyGpuNodes) => gpuNodes > 1 && (gpuNodes - readyGpuNodes) * 2 > gpuNodes;
}

/// <summary>The state of a plan's nodes.</summary>
/// <param name="Lost">Nodes that are gone, or NotReady beyond the toleration.</param>
/// <param name="Unready">Nodes that are NotReady, lost or not.</param>
/// <param name="NextExpiry">When the next node's toleration ends; null when none is running.</param>
internal sealed record NodeVerdict(ImmutableArray<string> Lost, ImmutableArray<string> Unready, TimeSpan? NextExpiry)
{
    /// <summary>Nothing is wrong with any node.</summary>
    public static NodeVerdict Fine { get; } = new([], [], null);
}
