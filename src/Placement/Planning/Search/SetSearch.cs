namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Finds the best set of k nodes. The leader must have the largest pool of free VRAM in the set, so each class is tried as
/// leader and only classes with no larger pool work for it (a leader named by the user lifts that). Workers are chosen as a
/// multiset of classes by depth-first search, those that hold the most layers first: the first set reached is the strongest
/// one, so when that one is too weak nothing else is tried. Branches that cannot reach the layer count even with the
/// strongest classes left are cut. The number of sets tried is bounded; small fleets are searched completely.
/// </summary>
internal sealed class SetSearch(Workload workload, bool partial, bool oneGpu)
{
    private const int SetsPerSearch = 4000;
    private const int MaxRanked = 32;

    private readonly LayoutTrial _trial = new(workload, partial, oneGpu);
    private int _budget;
    private List<(Layout Layout, int Start, int Gpus)> _found = [];

    /// <summary>The best set of exactly <paramref name="nodes"/> nodes out of <paramref name="classes"/>, or null.</summary>
    public Candidate? Best(IReadOnlyList<NodeClass> classes, int nodes)
    {
        var forced = classes.Any(c => c.Key.Forced) || workload.Request.LeaderNode is not null;
        var usable = classes.Where(c => c.Capacity > 0).OrderByDescending(c => c.Capacity)
            .ThenBy(c => c.Gpus).ThenBy(c => c.Names[0], StringComparer.Ordinal).ToArray();
        var leaders = usable.Where(c => (!forced || c.Key.Forced) && CanLead(c, nodes)).ToArray();
        _found = [];
        foreach (var leader in leaders)
        {
            var workers = usable.Where(c => c.Key.CanWork && (forced || c.Pool <= leader.Pool)).ToArray();
            var counts = workers.Select(c => c.Names.Count - (ReferenceEquals(c, leader) ? 1 : 0)).ToArray();
            _budget = Math.Max(32, SetsPerSearch / leaders.Length);
            Choose(leader, workers, counts, 0, nodes - 1, workload.Layers - leader.Capacity, []);
        }

        Candidate? best = null;
        foreach (var (layout, start, _) in _found.OrderBy(f => f.Start).ThenBy(f => f.Gpus).Take(MaxRanked))
        {
            if (LayerFill.Split(workload, layout, start, partial) is { } layers)
                best = Candidate.Better(best, Rank(layout, start, layers));
        }

        return best;
    }

    private static bool IsEnough(int missing, bool partial) => partial || missing <= 0;

    private bool CanLead(NodeClass candidate, int nodes) =>
        partial ? candidate.Key.OffloadMemory > 0
        : candidate.Key.CanLeadMany || (nodes == 1 && candidate.Key.CanLeadOne && (oneGpu || candidate.Gpus == 1));

    private Candidate Rank(Layout layout, int start, int[] layers) =>
        new(layout, start, layers, workload.Speed.TokenPicoseconds(
            layers, layout.BandwidthPerDevice(), layout.RpcDevices, Speed.SpeedModel.RoundTripMilliseconds));

    private void Choose(NodeClass leader, NodeClass[] workers, int[] counts, int from, int left, int missing, List<NodeClass> chosen)
    {
        if (left == 0)
        {
            _budget--;
            if (IsEnough(missing, partial) && _trial.Try(leader, chosen) is { } found)
                Keep(found.Layout, found.Start);
            return;
        }

        for (var i = from; i < workers.Length && _budget > 0; i++)
        {
            // Sorted by capacity: no later class holds more than this one.
            if (!IsEnough(missing - (left * workers[i].Capacity), partial))
                return;
            for (var take = Math.Min(left, counts[i]); take >= 1 && _budget > 0; take--)
            {
                for (var n = 0; n < take; n++)
                    chosen.Add(workers[i]);
                Choose(leader, workers, counts, i + 1, left - take, missing - (take * workers[i].Capacity), chosen);
                chosen.RemoveRange(chosen.Count - take, take);
            }
        }
    }

    private void Keep(Layout layout, int start)
    {
        _found.Add((layout, start, layout.Devices));
        if (_found.Count > 4 * MaxRanked)
            _found = [.. _found.OrderBy(f => f.Start).ThenBy(f => f.Gpus).Take(MaxRanked)];
    }
}
