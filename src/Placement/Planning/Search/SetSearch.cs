namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Finds the best set of k nodes, k of two or more. The leader must have the largest pool of free VRAM in the set, so each
/// shape is tried as leader and only shapes with no larger pool work for it (a leader named by the user lifts that). Workers
/// are chosen as a multiset of shapes by depth-first search, those that hold the most layers first. What is left out:
/// workers whose place enough better ones could take (<see cref="NodeShape.Dominates"/>), branches that cannot hold the
/// layers even with the strongest nodes left, and sets that need more devices than the best one so far. All three leave the
/// fewest devices as they are. <see cref="SeatTrial"/> judges a set. Of sets with equally few devices the fastest wins.
/// The number of sets looked at is bounded; fleets of a dozen nodes stay far below.
/// </summary>
internal sealed class SetSearch(Workload workload, bool partial)
{
    private const int MaxSets = 20_000;
    private const int MaxTrials = 2000;
    private const long MaxSteps = 4_000_000;

    /// <summary>Sets of equally few devices whose speeds are compared.</summary>
    private const int MaxRanked = 16;

    private readonly SeatTrial _trial = new(workload);
    private readonly List<(Supply Supply, int Gpus)[]> _ranked = [];
    private Supply[] _workers = [];
    private int[] _available = [];
    private int[] _picked = [];
    private Supply[] _set = [];
    private int[] _counts = [];
    private int _offered;
    private int _sets;
    private int _trials;
    private long _steps;
    private int _needed;
    private int _start;
    private int _most;
    private bool _any;

    /// <summary>Some set of so many nodes holds the layers from <paramref name="start"/> on.</summary>
    public bool Holds(IReadOnlyList<Supply> supplies, int nodes, int start)
    {
        _any = true;
        Search(supplies, nodes, start, int.MaxValue);
        return _ranked.Count > 0;
    }

    /// <summary>The set of so many nodes with the fewest devices, no more than <paramref name="most"/>, then the highest speed; or null.</summary>
    /// <param name="supplies">The nodes, sorted by shape.</param>
    /// <param name="nodes">Nodes of the set.</param>
    /// <param name="start">The first layer on a device.</param>
    /// <param name="most">Devices at most.</param>
    public Candidate? Best(IReadOnlyList<Supply> supplies, int nodes, int start, int most)
    {
        _any = false;
        Search(supplies, nodes, start, most);
        Candidate? best = null;
        foreach (var seats in _ranked)
            best = Candidate.Better(best, Rank(seats));
        return best;
    }

    private void Search(IReadOnlyList<Supply> supplies, int nodes, int start, int most)
    {
        _ranked.Clear();
        (_start, _needed) = (start, workload.Layers - start);
        _most = Math.Min(most, _needed);
        (_sets, _trials) = (0, 0);
        _steps = _trial.Steps;
        Grow(Math.Max(supplies.Count, nodes));
        foreach (var leader in supplies)
        {
            if (!leader.Shape.CanLead)
                continue;
            Offer(leader, supplies, nodes - 1);
            if (Strongest(0, nodes - 1) + leader.Shape.Capacity >= _needed)
                Choose(leader, 0, nodes - 1, _needed - leader.Shape.Capacity);
            if (Ends)
                break;
        }
    }

    private bool Ends => (_any && _ranked.Count > 0) || _sets >= MaxSets || _trials >= MaxTrials || _trial.Steps - _steps >= MaxSteps;

    private void Grow(int size)
    {
        if (_workers.Length >= size)
            return;
        (_workers, _set) = (new Supply[size], new Supply[size]);
        (_available, _picked, _counts) = (new int[size], new int[size], new int[size]);
    }

    /// <summary>Lists who may work for a leader. A set with a worker whose betters are not all in it is no better with it than with one of them.</summary>
    private void Offer(Supply leader, IReadOnlyList<Supply> supplies, int places)
    {
        _offered = 0;
        var forced = workload.Request.LeaderNode is not null;
        for (var i = 0; i < supplies.Count; i++)
        {
            var supply = supplies[i];
            var count = supply.Count - (ReferenceEquals(supply, leader) ? 1 : 0);
            if (count == 0 || supply.Shape.Capacity == 0 || !supply.Shape.CanWork || (!forced && supply.Shape.Pool > leader.Shape.Pool))
                continue;
            var left = places;
            for (var j = 0; j < _offered && left > 0; j++)
            {
                if (_workers[j].Shape.Dominates(supply.Shape))
                    left -= _available[j];
            }

            if (left <= 0)
                continue;
            (_workers[_offered], _available[_offered]) = (supply, Math.Min(count, left));
            _offered++;
        }
    }

    /// <summary>Layers that so many of the workers from one on hold at best.</summary>
    private long Strongest(int from, int places)
    {
        long held = 0;
        for (var i = from; i < _offered && places > 0; i++)
        {
            var take = Math.Min(places, _available[i]);
            held += (long)take * _workers[i].Shape.Capacity;
            places -= take;
        }

        return places > 0 ? long.MinValue / 2 : held;
    }

    private void Choose(Supply leader, int from, int places, long needed)
    {
        if (places == 0)
        {
            Judge(leader);
            return;
        }

        for (var i = from; i < _offered && !Ends; i++)
        {
            // Sorted by capacity: the next ones are the strongest left.
            if (Strongest(i, places) < needed)
                return;
            for (var take = Math.Min(places, _available[i]); take >= 1 && !Ends; take--)
            {
                _picked[i] = take;
                Choose(leader, i + 1, places - take, needed - ((long)take * _workers[i].Shape.Capacity));
            }

            _picked[i] = 0;
        }
    }

    private void Judge(Supply leader)
    {
        _sets++;
        var kinds = 0;
        for (var i = 0; i < _offered; i++)
        {
            if (_picked[i] == 0)
                continue;
            // Insertion by the usual order of workers.
            var place = kinds++;
            for (; place > 0 && NodeShape.CompareWorkers(_set[place - 1].Shape, _workers[i].Shape) > 0; place--)
                (_set[place], _counts[place]) = (_set[place - 1], _counts[place - 1]);
            (_set[place], _counts[place]) = (_workers[i], _picked[i]);
        }

        var set = _set.AsSpan(0, kinds);
        var counts = _counts.AsSpan(0, kinds);
        var least = LeastGpus(leader, set, counts);
        if (least > _most || (least == _most && _ranked.Count >= MaxRanked))
            return;
        _trials++;
        var gpus = _trial.FewestGpus(leader, set, counts, _start, least, _most);
        if (gpus == 0)
            return;
        if (gpus < _most || _ranked.Count == 0)
            _ranked.Clear();
        _most = gpus;
        if (_ranked.Count < MaxRanked)
            _ranked.Add([.. _trial.Seats]);
    }

    /// <summary>Devices that a set needs at least: one of each node, then those that hold the most.</summary>
    private int LeastGpus(Supply leader, ReadOnlySpan<Supply> set, ReadOnlySpan<int> counts)
    {
        var gpus = 1;
        long left = _needed - leader.Shape.DeviceCapacity;
        for (var i = 0; i < set.Length; i++)
        {
            gpus += counts[i];
            left -= (long)counts[i] * set[i].Shape.DeviceCapacity;
        }

        for (var below = int.MaxValue; left > 0;)
        {
            // The largest devices below those counted already.
            int largest = 0, devices = 0;
            for (var i = -1; i < set.Length; i++)
            {
                var (shape, nodes) = i < 0 ? (leader.Shape, 1) : (set[i].Shape, counts[i]);
                if (shape.DeviceCapacity >= below || shape.DeviceCapacity < largest)
                    continue;
                devices = (shape.DeviceCapacity == largest ? devices : 0) + (nodes * (shape.Gpus - 1));
                largest = shape.DeviceCapacity;
            }

            if (largest == 0)
                return int.MaxValue;
            var take = (int)Math.Min(devices, (left + largest - 1) / largest);
            gpus += take;
            left -= (long)take * largest;
            below = largest;
        }

        return gpus;
    }

    private Candidate? Rank((Supply Supply, int Gpus)[] chosen)
    {
        var taken = new Dictionary<NodeClass, int>(ReferenceEqualityComparer.Instance);
        var seats = new Seat[chosen.Length];
        for (var i = -1; i < seats.Length - 1; i++)
        {
            var seat = i < 0 ? seats.Length - 1 : i;
            seats[seat] = new Seat(chosen[seat].Supply.Take(taken), chosen[seat].Gpus);
        }

        var layout = new Layout(seats);
        if (LayerFill.Split(workload, layout, _start, partial) is not { } layers)
            return null;
        return new(layout, _start, layers, workload.Speed.TokenPicoseconds(layers, layout.BandwidthPerDevice(), layout.Hops()));
    }
}
