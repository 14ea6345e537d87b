namespace GpuStack.EndToEnd.Recovery.Faults;

/// <summary>Draws the faults of a run from a seed, and from nothing else: the same seed gives the same faults whatever the cluster does. Pure.</summary>
internal static class FaultSchedule
{
    /// <summary>In how much time a round's faults fall.</summary>
    public static readonly TimeSpan Storm = TimeSpan.FromMinutes(12);

    /// <summary>Every so many seconds something may happen: what happens at one time costs one look at the cluster.</summary>
    private const int Beat = 10;

    /// <summary>How often each kind is drawn: faults of nodes hit many groups at once, and other operators come seldom.</summary>
    private static readonly FaultKind[] Urn =
    [
        .. Enum.GetValues<FaultKind>().SelectMany(kind => Enumerable.Repeat(kind, kind switch
        {
            FaultKind.EngineCrash or FaultKind.ContainerCrash or FaultKind.PodDeleted => 12,
            FaultKind.EngineKill or FaultKind.EngineFreeze or FaultKind.OutOfMemory or FaultKind.PressureEviction => 8,
            FaultKind.OperatorRestart => 1,
            FaultKind.Drain or FaultKind.PowerLoss or FaultKind.SilentKubelet or FaultKind.NodeRemoved => 2,
            _ => 4,
        })),
    ];

    /// <summary>Of what can last, one in so many outlasts its round: what has no cure yet must be told truly, and worked round.</summary>
    private const int OneInLasts = 4;

    /// <param name="seed">Decides everything.</param>
    /// <param name="count">How many faults.</param>
    /// <param name="rounds">In how many rounds.</param>
    /// <param name="deployments">How many deployments there are.</param>
    /// <param name="nodes">How many nodes there are.</param>
    /// <returns>The rounds, each in order of time.</returns>
    public static IReadOnlyList<IReadOnlyList<Fault>> Draw(int seed, int count, int rounds, int deployments, int nodes)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, rounds).Select(round => (count * (round + 1) / rounds) - (count * round / rounds)).Select(faults => Enumerable.Range(0, faults)
                .Select(_ => Draw(random, deployments, nodes)).OrderBy(fault => fault.At).ToList()),
        ];
    }

    private static bool CanLast(FaultKind kind) => RestartBudget.IsOfNode(kind)
        || kind is FaultKind.ImageFails or FaultKind.NcclFailsAlways or FaultKind.Scale or FaultKind.Suspend or FaultKind.Recreate;

    private static Fault Draw(Random random, int deployments, int nodes)
    {
        var beats = (int)Storm.TotalSeconds / Beat;
        var at = random.Next(beats);
        var heals = TimeSpan.FromSeconds(random.Next(at + 1, beats + 1) * Beat);
        var kind = Urn[random.Next(Urn.Length)];
        var lasts = random.Next(OneInLasts) == 0 && CanLast(kind);
        return new Fault(TimeSpan.FromSeconds(at * Beat), lasts ? null : heals, kind, random.Next(deployments), random.Next(64), random.Next(nodes));
    }
}
