namespace GpuStack.Simulator.Cluster.Scheduling;

/// <summary>Words why no node was found, as kube-scheduler does.</summary>
internal static class SchedulingMessage
{
    /// <param name="nodes">All nodes.</param>
    /// <param name="refusals">Reasons with the number of nodes.</param>
    /// <param name="preemptible">Nodes where evicting others could help in principle.</param>
    public static string For(int nodes, IReadOnlyDictionary<string, int> refusals, int preemptible)
    {
        if (nodes == 0)
            return "no nodes available to schedule pods";
        var reasons = string.Join(", ", refusals.Select(r => $"{r.Value} {r.Key}").Order(StringComparer.Ordinal));
        var preemption = new List<string>();
        if (preemptible > 0)
            preemption.Add($"{preemptible} No preemption victims found for incoming pod");
        if (nodes > preemptible)
            preemption.Add($"{nodes - preemptible} Preemption is not helpful for scheduling");
        return $"0/{nodes} nodes are available: {reasons}. no new claims to deallocate, preemption: "
            + $"0/{nodes} nodes are available: {string.Join(", ", preemption.Order(StringComparer.Ordinal))}.";
    }
}
