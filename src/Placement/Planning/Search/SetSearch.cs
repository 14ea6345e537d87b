namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Finds the best set of k nodes. The leader must have the largest pool of free VRAM in the set, so each class is tried as
/// leader and only classes with no larger pool work for it (a leader named by the user lifts that). Workers are chosen as a
/// multiset of classes by depth-first search, those that hold the most layers first: the first set reached is the strongest
/// one, so when that one is too weak nothing else is tried. Branches that cannot reach the layers wanted even with the
/// strongest classes left are cut; with layers on the host, wanted is what the best set so far holds. The number of sets
/// tried is bounded; small fleets are searched completely.
/// </summary>
internal sealed class SetSearch(Workload workload, bool partial, bool oneGpu)
{
    private const int SmallSet = 4;
    private const int SmallSets = 2000;
    private const int LargeSets = 100;
    private const int MaxRanked = 16;

    private readonly LayoutTrial _trial = new(workload, partial, oneGpu);
    private readonly List<(Layout Layout, int Start)> _best = [];
    private int _budget;
    private int _wanted;
    private int _holdable;

    /// <summary>
    /// The best set of exactly <paramref name="nodes"/> nodes out of <paramref name="classes"/> that holds at least
    /// <paramref name="wanted"/> layers on GPUs, or null.
    /// </summary>
    public Candidate? Best(IReadOnlyList<NodeClass> classes, int nodes, int wanted = 1)
    {
        var forced = workload.Request.LeaderNode is not null;
        var usable = classes.Where(c => c.Capacity > 0).OrderByDescending(c => c.Capacity)
            .ThenBy(c => c.Gpus).ThenBy(c => c.FirstName, StringComparer.Ordinal).ToArray();
        _best.Clear();
        _wanted = partial ? wanted : workload.Layers;
        // A single device has smaller buffers than one of several.
        _holdable = nodes == 1 && !partial ? workload.Layers : workload.Layers - 1 - workload.LastWithoutPlace(usable, partial);
        if (_holdable < _wanted)
            return null;
        var leaders = usable.Where(c => (!forced || c.Key.Forced) && CanLead(c, nodes, usable[0].Capacity)).ToArray();
        foreach (var leader in leaders)
        {
            var workers = nodes == 1 ? [] : usable.Where(c => c.Key.CanWork && (forced || c.Pool <= leader.Pool)).ToArray();
            var counts = workers.Select(c => c.Count - (ReferenceEquals(c, leader) ? 1 : 0)).ToArray();
            _budget = Math.Max(8, (nodes <= SmallSet && !partial ? SmallSets : LargeSets) / leaders.Length);
            Choose(leader, workers, counts, 0, nodes - 1, leader.Capacity, []);
        }

        Candidate? best = null;
        foreach (var (layout, start) in _best)
        {
            if (LayerFill.Split(workload, layout, start, partial) is { } layers)
                best = Candidate.Better(best, Rank(layout, start, layers));
        }

        return best;
    }

    private bool CanLead(NodeClass candidate, int nodes, int largestCapacity)
    {
        // The leader's last device holds the output layer.
        var output = workload.Layers - 1;
        if (workload.Reach(candidate.Usable, nodes == 1 && (oneGpu || candidate.Gpus == 1) ? 1 : 2, partial)[output] < output)
            return false;
        if (!partial)
            return candidate.Key.CanLeadMany || (nodes == 1 && candidate.Key.CanLeadOne && (oneGpu || candidate.Gpus == 1));
        // Even with the strongest workers, what is left must fit the host.
        var held = Math.Min(Math.Min(workload.Layers - 1, _holdable), candidate.Capacity + ((long)(nodes - 1) * largestCapacity));
        return workload.LeaderMemory(workload.Layers - (int)held, 2).Value <= candidate.Key.OffloadMemory;
    }

    private Candidate Rank(Layout layout, int start, int[] layers) =>
        new(layout, start, layers, workload.Speed.TokenPicoseconds(layers, layout.BandwidthPerDevice(), layout.Hops()));

    private void Choose(NodeClass leader, NodeClass[] workers, int[] counts, int from, int left, int held, List<NodeClass> chosen)
    {
        if (left == 0)
        {
            _budget--;
            if (held >= _wanted && _trial.Try(leader, chosen) is { } found)
                Keep(found.Layout, found.Start);
            return;
        }

        for (var i = from; i < workers.Length && _budget > 0; i++)
        {
            // Sorted by capacity: no later class holds more than this one.
            if (held + ((long)left * workers[i].Capacity) < _wanted)
                return;
            for (var take = Math.Min(left, counts[i]); take >= 1 && _budget > 0; take--)
            {
                for (var n = 0; n < take; n++)
                    chosen.Add(workers[i]);
                Choose(leader, workers, counts, i + 1, left - take, held + (take * workers[i].Capacity), chosen);
                chosen.RemoveRange(chosen.Count - take, take);
            }
        }
    }

    /// <summary>Keeps what has the fewest layers on the host, then the fewest devices; only those compete by speed.</summary>
    private void Keep(Layout layout, int start)
    {
        if (_best.Count > 0)
        {
            var (other, otherStart) = _best[0];
            var order = start != otherStart ? start.CompareTo(otherStart) : layout.Devices.CompareTo(other.Devices);
            if (order > 0 || (order == 0 && _best.Count >= MaxRanked))
                return;
            if (order < 0)
                _best.Clear();
        }

        _best.Add((layout, start));
        if (partial)
            _wanted = Math.Max(_wanted, workload.Layers - start);
    }
}
