using System.Runtime.InteropServices;

namespace GpuStack.Simulator.Cluster.Deployments;

/// <summary>How many replicas a ReplicaSet has now.</summary>
/// <param name="Wanted">Its <c>spec.replicas</c>.</param>
/// <param name="Available">Those that are ready.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReplicaCount(int Wanted, int Available);

/// <summary>
/// The next step of a rollout, as the deployment controller takes it. Pure. With RollingUpdate the new ReplicaSet grows while all together
/// stay within replicas + maxSurge; the old ones shrink, first by what is not available anyway, while replicas - maxUnavailable stay
/// available. With Recreate the old ones go first.
/// </summary>
internal static class Rollout
{
    /// <param name="replicas">What the Deployment asks for.</param>
    /// <param name="maxSurge">How many may be there beyond that.</param>
    /// <param name="maxUnavailable">How many of them may be missing.</param>
    /// <param name="current">The ReplicaSet of the present template.</param>
    /// <param name="old">The others, oldest first.</param>
    /// <returns>The replicas that each is to have: the present one, and the others in their order.</returns>
    public static (int Current, int[] Old) Roll(int replicas, int maxSurge, int maxUnavailable, ReplicaCount current, IReadOnlyList<ReplicaCount> old)
    {
        if (maxSurge == 0 && maxUnavailable == 0)
            maxUnavailable = 1;
        var wanted = old.Select(set => set.Wanted).ToArray();
        var total = current.Wanted + wanted.Sum();
        if (current.Wanted != replicas)
        {
            var grown = current.Wanted > replicas ? replicas : Math.Min(replicas, current.Wanted + Math.Max(0, replicas + maxSurge - total));
            if (grown != current.Wanted)
                return (grown, wanted);
        }

        var needed = replicas - maxUnavailable;
        var removable = Math.Max(0, total - needed - (current.Wanted - current.Available));
        for (var i = 0; i < wanted.Length && removable > 0; i++)
        {
            var unhealthy = Math.Min(removable, Math.Max(0, wanted[i] - old[i].Available));
            wanted[i] -= unhealthy;
            removable -= unhealthy;
        }

        var spare = Math.Max(0, Math.Min(removable, current.Available + old.Sum(set => set.Available) - needed));
        for (var i = 0; i < wanted.Length && spare > 0; i++)
        {
            var healthy = Math.Min(spare, wanted[i]);
            wanted[i] -= healthy;
            spare -= healthy;
        }

        return (current.Wanted, wanted);
    }

    /// <summary>A count or a percentage of the replicas, as maxSurge (rounded up) and maxUnavailable (rounded down) are given.</summary>
    public static int Amount(string text, int replicas, bool roundsUp)
    {
        if (!text.EndsWith('%'))
            return int.TryParse(text, out var count) ? Math.Max(0, count) : 0;
        if (!int.TryParse(text.AsSpan(0, text.Length - 1), out var percent))
            return 0;
        var hundredths = (long)Math.Max(0, percent) * replicas;
        return (int)((hundredths + (roundsUp ? 99 : 0)) / 100);
    }
}
