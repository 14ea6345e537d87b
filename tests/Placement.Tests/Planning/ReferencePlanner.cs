using GpuStack.Modeling;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Placement.Planning;

namespace GpuStack.Placement.Tests.Planning;

/// <summary>A node of a tiny fleet: equal GPUs and ample host memory.</summary>
internal sealed record TinyNode(string Name, int Gpus, int MemoryMiB, string Product);

/// <summary>
/// The planner's rules by brute force: every set of nodes, every order of workers, every count of GPUs on each node, every
/// way that a leader may be chosen. Slow and obvious.
/// </summary>
internal static class ReferencePlanner
{
    /// <summary>The fewest nodes that hold all layers, or null.</summary>
    public static int? FewestNodes(IReadOnlyList<TinyNode> nodes, PlacementRequest request)
    {
        var launch = (LlamaCppLaunch)request.Launch;
        var costs = LlamaCppCosts.Create(launch.Model, launch.Options);
        int? best = null;
        for (var set = 1; set < 1 << nodes.Count; set++)
        {
            var chosen = Enumerable.Range(0, nodes.Count).Where(i => (set & (1 << i)) != 0).Select(i => nodes[i]).ToList();
            if ((best is null || chosen.Count < best) && chosen.Count <= (request.MaxNodes ?? int.MaxValue) && Holds(chosen, costs, request))
                best = chosen.Count;
        }

        return best;
    }

    private static bool Holds(List<TinyNode> chosen, LlamaCppCosts costs, PlacementRequest request)
    {
        var largest = chosen.Max(n => (long)n.Gpus * n.MemoryMiB);
        foreach (var leader in chosen)
        {
            if (request.LeaderNode is { } named ? leader.Name != named : (long)leader.Gpus * leader.MemoryMiB < largest)
                continue;
            foreach (var workers in Permutations([.. chosen.Where(n => n != leader)]))
            {
                foreach (var counts in Counts([.. workers, leader]))
                {
                    if (Fits([.. workers, leader], counts, costs, request.ReservePerGpu))
                        return true;
                }
            }
        }

        return false;
    }

    private static bool Fits(TinyNode[] order, int[] gpus, LlamaCppCosts costs, Bytes reserve)
    {
        var devices = gpus.Sum();
        var usable = order.SelectMany((n, i) => Enumerable.Repeat(Bytes.FromMiB(n.MemoryMiB) - reserve, gpus[i])).ToArray();
        var reachable = new HashSet<int> { 0 };
        for (var device = 0; device < devices; device++)
        {
            var next = new HashSet<int>();
            foreach (var first in reachable)
            {
                for (var last = first; last < costs.OffloadableLayers; last++)
                {
                    if (costs.DeviceBytes(first, last, device, devices, partialOffload: false) + costs.OverheadPerDevice <= usable[device])
                        next.Add(last + 1);
                }
            }

            reachable = next;
        }

        return reachable.Contains(costs.OffloadableLayers);
    }

    private static IEnumerable<TinyNode[]> Permutations(TinyNode[] nodes)
    {
        if (nodes.Length == 0)
            yield return [];
        for (var i = 0; i < nodes.Length; i++)
        {
            foreach (var rest in Permutations([.. nodes[..i], .. nodes[(i + 1)..]]))
                yield return [nodes[i], .. rest];
        }
    }

    private static IEnumerable<int[]> Counts(TinyNode[] nodes)
    {
        var counts = nodes.Select(_ => 1).ToArray();
        while (true)
        {
            yield return counts;
            var i = 0;
            while (i < counts.Length && counts[i] == nodes[i].Gpus)
                counts[i++] = 1;
            if (i == counts.Length)
                yield break;
            counts[i]++;
        }
    }
}
