using System.Runtime.InteropServices;

namespace GpuStack.Simulator.Cluster.Kubelets.Containers;

/// <summary>The kubelet's back-off: none at first, then 10 s, doubling up to 5 minutes; forgotten when nothing failed for 10 minutes.</summary>
/// <param name="Wait">The wait after the next failure.</param>
/// <param name="Set">When it was last lengthened.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Backoff(TimeSpan Wait, DateTimeOffset Set)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Forgotten = 2 * Longest;

    /// <summary>How long to wait after a failure now, and the back-off after it.</summary>
    public (TimeSpan Wait, Backoff Next) Failed(DateTimeOffset now)
    {
        if (Wait == TimeSpan.Zero || now - Set > Forgotten)
            return (TimeSpan.Zero, new Backoff(First, now));
        var longer = 2 * Wait;
        return (Wait, new Backoff(longer < Longest ? longer : Longest, now + Wait));
    }

    /// <summary>As Go prints durations: <c>10s</c>, <c>1m20s</c>, <c>5m0s</c>.</summary>
    public static string Text(TimeSpan time) => time < TimeSpan.FromMinutes(1) ? $"{(int)time.TotalSeconds}s" : $"{(int)time.TotalMinutes}m{time.Seconds}s";
}
