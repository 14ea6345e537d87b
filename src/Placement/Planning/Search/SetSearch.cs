namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Finds the best set of k nodes, k of two or more. The leader must have the largest pool of free VRAM in the set, so each
/// shape is tried as leader and only shapes with no larger pool work for it (a leader named by the user lifts that). Workers
/// are chosen as a multiset of shapes by depth-first search, those that hold the most layers first. What is left out:
/// workers whose place enough better ones could take (<see cref="NodeShape.Dominates"/>), branches that cannot hold the
/// layers even with the strongest nodes left, and sets that need more devices than the best one so far. All three leave the
/// fewest devices as they are. <see cref="SeatTrial"/> judges a set. Of sets with equally few devices the fastest wins.
/// The number of sets looked at is bounded (<see cref="SearchLimits"/>); fleets of a dozen nodes stay far below. Where the strongest nodes
/// have more devices than a group may, that can end the search among sets that are out for it: a second one then leaves out all that
/// <see cref="DeviceBound"/> rules out.
/// </summary>
internal sealed class SetSearch(Workload workload, bool partial, SearchLimits limits)
{
    /// <summary>Sets of equally few devices that are kept.</summary>
    private const int MaxRanked = 16;

    /// <summary>Shapes of workers that one leader is offered, the strongest; fleets where none is like another have any number.</summary>
    private const int MaxOffered = 256;

    /// <summary>Steps of the bound on devices, in all searches together.</summary>
    private const long MaxBoundSteps = 4_000_000;

    private readonly SeatTrial _trial = new(workload);
    private readonly List<RankedSet> _ranked = [];
    private readonly DeviceBound _bound = new(workload.MostDevices);

    /// <summary>Splits found before, for equal seats are met again and again in other domains.</summary>
    private readonly Dictionary<(Supply Supply, int Gpus)[], (int[]? Layers, long Time)> _splits = new(SameSeats.Instance);
    private Supply[] _workers = [];
    private int[] _available = [];
    private int[] _picked = [];
    private Supply[] _set = [];
    private int[] _counts = [];
    private int _offered;
    private int _sets;
    private int _trials;
    private long _steps;
    private long _needed;
    private int _start;
    private int _most;
    private bool _any;
    private bool _bounded;

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
        _ranked.Sort((a, b) => a.Milliseconds.CompareTo(b.Milliseconds));
        Candidate? best = null;
        for (var i = 0; i < _ranked.Count && (i < limits.Ranked || best is null); i++)
            best = Candidate.Better(best, Rank(_ranked[i].Seats));
        return best;
    }

    /// <summary>Steps taken so far.</summary>
    public long Steps => _trial.Steps + _bound.Steps;

    private void Search(IReadOnlyList<Supply> supplies, int nodes, int start, int most)
    {
        (_start, _needed) = (start, workload.SizeFrom(start));
        _most = Math.Min(Math.Min(most, workload.MostDevices), workload.Layers - start);
        Grow(Math.Max(supplies.Count, nodes));
        Search(supplies, nodes, bounded: false);
        if (_ranked.Count == 0 && Ends && most == int.MaxValue && DeviceBound.Tells(workload.MostDevices))
            Search(supplies, nodes, bounded: true);
    }

    private void Search(IReadOnlyList<Supply> supplies, int nodes, bool bounded)
    {
        _ranked.Clear();
        _bounded = bounded;
        (_sets, _trials, _steps) = (0, 0, _trial.Steps);
        Supply? before = null;
        foreach (var leader in supplies)
        {
            if (!leader.Shape.CanLead || before?.Shape.LeadsInsteadOf(leader.Shape) == true)
                continue;
            before = leader;
            if (Reaches(leader, supplies, nodes - 1))
                Offer(leader, supplies, nodes - 1);
            else
                continue;
            if (_bounded)
                _bound.Begin(leader, _workers.AsSpan(0, _offered), _available.AsSpan(0, _offered), nodes - 1);
            if (Strongest(0, nodes - 1) + leader.Shape.Capacity >= _needed)
                Choose(leader, 0, nodes - 1, _needed - leader.Shape.Capacity, taken: 0);
            if (Ends)
                break;
        }
    }

    private bool Ends => (_any && _ranked.Count > 0) || _sets >= limits.Sets || _trials >= limits.Trials
        || _trial.Steps - _steps >= limits.Steps || (_bounded && _bound.Steps >= MaxBoundSteps);

    private void Grow(int size)
    {
        if (_workers.Length >= size)
            return;
        (_workers, _set) = (new Supply[size], new Supply[size]);
        (_available, _picked, _counts) = (new int[size], new int[size], new int[size]);
    }

    /// <summary>A leader and the strongest who might work for it hold enough.</summary>
    private bool Reaches(Supply leader, IReadOnlyList<Supply> supplies, int places)
    {
        var left = _needed - leader.Shape.Capacity;
        for (var i = 0; i < supplies.Count && places > 0 && left > 0; i++)
        {
            var supply = supplies[i];
            if (!MayWorkFor(leader, supply))
                continue;
            var take = Math.Min(places, supply.Count);
            left -= take * supply.Shape.Capacity;
            places -= take;
        }

        return left <= 0;
    }

    private bool MayWorkFor(Supply leader, Supply supply) =>
        supply.Shape.CanWork && supply.Shape.Capacity > 0 && (workload.Request.LeaderNode is not null || supply.Shape.Pool <= leader.Shape.Pool);

    /// <summary>Lists who may work for a leader. A set with a worker whose betters are not all in it is no better with it than with one of them.</summary>
    private void Offer(Supply leader, IReadOnlyList<Supply> supplies, int places)
    {
        _offered = 0;
        for (var i = 0; i < supplies.Count && _offered < MaxOffered; i++)
        {
            var supply = supplies[i];
            var count = supply.Count - (ReferenceEquals(supply, leader) ? 1 : 0);
            if (count == 0 || !MayWorkFor(leader, supply))
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

    /// <summary>What so many of the workers from one on hold at best.</summary>
    private long Strongest(int from, int places)
    {
        long held = 0;
        for (var i = from; i < _offered && places > 0; i++)
        {
            var take = Math.Min(places, _available[i]);
            held += take * _workers[i].Shape.Capacity;
            places -= take;
        }

        return places > 0 ? long.MinValue / 2 : held;
    }

    private void Choose(Supply leader, int from, int places, long needed, int taken)
    {
        if (places == 0)
        {
            Judge(leader);
            return;
        }

        for (var i = from; i < _offered && !Ends; i++)
        {
            // Sorted by capacity: the next ones are the strongest left.
            if (Strongest(i, places) < needed || (_bounded && !_bound.MayHold(taken, i, places, _most, _needed)))
                return;
            for (var take = Math.Min(places, _available[i]); take >= 1 && !Ends; take--)
            {
                _picked[i] = take;
                if (_bounded)
                    _bound.Take(taken, i, take);
                Choose(leader, i + 1, places - take, needed - (take * _workers[i].Shape.Capacity), taken + 1);
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
            _ranked.Add(new RankedSet([.. _trial.Seats], Guess(_trial.Seats)));
    }

    /// <summary>About the milliseconds of a token, each device as full as can be, the fastest first: decides only whose split is worked out.</summary>
    private double Guess(List<(Supply Supply, int Gpus)> seats)
    {
        var (left, time, below) = (_needed, 0.0, int.MaxValue);
        while (left > 0 && below > 0)
        {
            var (fastest, size) = (0, 0L);
            foreach (var (supply, gpus) in seats)
            {
                if (supply.Shape.Bandwidth >= below || supply.Shape.Bandwidth < fastest)
                    continue;
                size = (supply.Shape.Bandwidth == fastest ? size : 0) + (gpus * supply.Shape.DeviceCapacity);
                fastest = supply.Shape.Bandwidth;
            }

            time += Math.Min(left, size) / (Math.Max(1, fastest) * 1e6 * Speed.SpeedModel.BandwidthShare);
            left -= size;
            below = fastest;
        }

        var remote = 0;
        for (var i = 0; i < seats.Count - 1; i++)
            remote += seats[i].Gpus;
        return time + (remote * (Speed.RpcHop.Milliseconds + Fleets.NodeNetwork.DefaultRoundTrip.TotalMilliseconds));
    }

    /// <summary>Devices that a set needs at least: one of each node, then those that hold the most; and as many as if all were of its largest kind.</summary>
    private int LeastGpus(Supply leader, ReadOnlySpan<Supply> set, ReadOnlySpan<int> counts)
    {
        var gpus = 1;
        var left = _needed - leader.Shape.DeviceCapacity;
        var largestShape = leader.Shape;
        for (var i = 0; i < set.Length; i++)
        {
            gpus += counts[i];
            left -= counts[i] * set[i].Shape.DeviceCapacity;
            if (!largestShape.IsAsLarge(set[i].Shape))
                largestShape = set[i].Shape;
        }

        for (var below = long.MaxValue; left > 0;)
        {
            // The largest devices below those counted already.
            var (largest, devices) = (0L, 0);
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
            left -= take * largest;
            below = largest;
        }

        return Math.Max(gpus, largestShape.LeastDevices);
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
        if (!_splits.TryGetValue(chosen, out var split))
        {
            var found = LayerFill.Split(workload, layout, _start, partial);
            var time = found is null ? 0 : workload.Speed.TokenPicoseconds(found, layout.BandwidthPerDevice(), layout.Hops());
            _splits[chosen] = split = (found, time);
        }

        return split.Layers is { } layers ? new(layout, _start, layers, split.Time) : null;
    }

    private sealed record RankedSet((Supply Supply, int Gpus)[] Seats, double Milliseconds);

    /// <summary>Seats are the same when shapes and devices are, in the same order.</summary>
    private sealed class SameSeats : IEqualityComparer<(Supply Supply, int Gpus)[]>
    {
        public static SameSeats Instance { get; } = new();

        public bool Equals((Supply Supply, int Gpus)[]? x, (Supply Supply, int Gpus)[]? y)
        {
            if (x!.Length != y!.Length)
                return false;
            for (var i = 0; i < x.Length; i++)
            {
                if (x[i].Supply.Shape != y[i].Supply.Shape || x[i].Gpus != y[i].Gpus)
                    return false;
            }

            return true;
        }

        public int GetHashCode((Supply Supply, int Gpus)[] seats)
        {
            var hash = default(HashCode);
            foreach (var (supply, gpus) in seats)
            {
                hash.Add(supply.Shape);
                hash.Add(gpus);
            }

            return hash.ToHashCode();
        }
    }
}
