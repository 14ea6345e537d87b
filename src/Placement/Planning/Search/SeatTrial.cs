namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Finds the fewest devices of a given set of nodes that hold the layers, and the order of the workers that does it.
/// Who gets further with part of the set can start the rest no later, so only the furthest position counts that a part of the
/// set reaches with so many devices: the best over its last node and that node's devices. No orders are listed, and the parts
/// of a set of workers are few, for equal nodes are one. Every device advances by a layer at least, and leaves one for every
/// node behind it.
/// The usual order (<see cref="NodeShape.CompareWorkers"/>) is kept where it needs no more devices than the best one.
/// </summary>
internal sealed class SeatTrial(Workload workload)
{
    /// <summary>Parts of a set that are looked at; more mean the usual order alone.</summary>
    private const int MaxParts = 4096;

    /// <summary>Steps that looking at all parts may take.</summary>
    private const long MaxSteps = 2_000_000;

    private readonly int _layers = workload.Layers;

    /// <summary>Per part and count of devices: the position in the upper half, then the bandwidth of the devices, to prefer the faster ones; -1 where there is no way.</summary>
    private long[] _reached = [];

    /// <summary>Per part and count of devices: the last node's supply and devices.</summary>
    private (int Worker, int Gpus)[] _last = [];

    /// <summary>Workers in order, then the leader, with the devices used; of the last trial that succeeded.</summary>
    public List<(Supply Supply, int Gpus)> Seats { get; } = [];

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    /// <summary>
    /// The fewest devices, no more than <paramref name="most"/>, with which the set holds the layers from
    /// <paramref name="start"/> on; 0 when there is no way.
    /// </summary>
    /// <param name="leader">The leader.</param>
    /// <param name="workers">The workers' supplies in the usual order.</param>
    /// <param name="counts">Nodes of each.</param>
    /// <param name="start">The first layer on a device.</param>
    /// <param name="least">Devices that are needed in any case; with so few, no other order is looked for.</param>
    /// <param name="most">Devices at most.</param>
    public int FewestGpus(Supply leader, ReadOnlySpan<Supply> workers, ReadOnlySpan<int> counts, int start, int least, int most)
    {
        int nodes = 1, gpus = leader.Shape.Gpus, all = 0;
        long parts = 1;
        for (var i = 0; i < workers.Length; i++)
        {
            nodes += counts[i];
            gpus += counts[i] * workers[i].Shape.Gpus;
            all += workers[i].Shape.Gpus;
            parts = Math.Min(parts * (counts[i] + 1), MaxParts + 1);
        }

        most = Math.Min(most, Math.Min(gpus, _layers - start));
        if (most < nodes)
            return 0;
        var usual = Row(leader, workers, counts, start, most, nodes);
        // One kind of workers has one order.
        if (workers.Length == 1 || (usual > 0 && usual <= least) || parts > MaxParts || parts * most * all > MaxSteps)
            return usual;
        var better = Parts(leader, workers, counts, start, usual == 0 ? most : usual - 1, nodes, (int)parts);
        return better == 0 ? usual : better;
    }

    /// <summary>The usual order alone: the parts are its beginnings.</summary>
    private int Row(Supply leader, ReadOnlySpan<Supply> workers, ReadOnlySpan<int> counts, int start, int most, int nodes)
    {
        var width = most + 1;
        Prepare(nodes * width);
        var part = 0;
        for (var i = 0; i < workers.Length; i++)
        {
            for (var n = 0; n < counts[i]; n++, part++)
                Extend(workers[i].Shape, i, part * width, (part + 1) * width, part, start, most, nodes);
        }

        var (fewest, leads) = Lead(leader.Shape, part * width, most);
        if (fewest == 0)
            return 0;
        Seats.Clear();
        Seats.Add((leader, leads));
        for (int left = fewest - leads; part > 0; part--)
        {
            var (worker, gpus) = _last[(part * width) + left];
            Seats.Add((workers[worker], gpus));
            left -= gpus;
        }

        Seats.Reverse();
        return fewest;
    }

    /// <summary>All orders: a part is a number whose digits, of base count + 1, are the nodes of each supply.</summary>
    private int Parts(Supply leader, ReadOnlySpan<Supply> workers, ReadOnlySpan<int> counts, int start, int most, int nodes, int parts)
    {
        if (most < nodes)
            return 0;
        var width = most + 1;
        Prepare(parts * width);
        for (var part = 1; part < parts; part++)
        {
            var before = -1;
            for (int i = 0, rest = part; i < workers.Length; i++)
            {
                before += rest % (counts[i] + 1);
                rest /= counts[i] + 1;
            }

            for (int i = 0, rest = part, unit = 1; i < workers.Length; i++)
            {
                if (rest % (counts[i] + 1) > 0)
                    Extend(workers[i].Shape, i, (part - unit) * width, part * width, before, start, most, nodes);
                rest /= counts[i] + 1;
                unit *= counts[i] + 1;
            }
        }

        var (fewest, leads) = Lead(leader.Shape, (parts - 1) * width, most);
        if (fewest == 0)
            return 0;
        Seats.Clear();
        Seats.Add((leader, leads));
        for (int part = parts - 1, left = fewest - leads; part > 0;)
        {
            var (worker, gpus) = _last[(part * width) + left];
            Seats.Add((workers[worker], gpus));
            left -= gpus;
            for (var i = 0; i <= worker; i++)
                part -= i == worker ? Unit(counts, i) : 0;
        }

        Seats.Reverse();
        return fewest;
    }

    private static int Unit(ReadOnlySpan<int> counts, int worker)
    {
        var unit = 1;
        for (var i = 0; i < worker; i++)
            unit *= counts[i] + 1;
        return unit;
    }

    private void Prepare(int size)
    {
        if (_reached.Length < size)
            (_reached, _last) = (new long[size], new (int, int)[size]);
        Array.Fill(_reached, -1, 0, size);
        _reached[0] = 0;
    }

    /// <summary>Sets a node behind a part of <paramref name="before"/> nodes, with every count of devices.</summary>
    private void Extend(NodeShape shape, int worker, int from, int to, int before, int start, int most, int nodes)
    {
        // Every node behind takes a device and a layer.
        var behind = nodes - before - 1;
        for (var used = before; used + 1 + behind <= most; used++)
        {
            var value = _reached[from + used];
            if (value < 0)
                continue;
            var position = before == 0 ? start : (int)(value >> 32);
            var reached = position;
            for (var gpus = 1; gpus <= shape.Gpus && used + gpus + behind <= most; gpus++)
            {
                Steps++;
                var next = before == 0 ? shape.FirstReach(start, gpus) : shape.Rest.After(gpus)[position];
                next = Math.Min(next, _layers - behind);
                if (next <= reached)
                    break;
                reached = next;
                var extended = ((long)reached << 32) + (value & uint.MaxValue) + ((long)gpus * Math.Min(shape.Bandwidth, 1 << 20));
                if (extended > _reached[to + used + gpus])
                {
                    _reached[to + used + gpus] = extended;
                    _last[to + used + gpus] = (worker, gpus);
                }
            }
        }
    }

    /// <summary>The fewest devices in all with which the leader, behind all workers, gets to the end; of those the most on the leader, which are no hop away.</summary>
    private (int Fewest, int Leads) Lead(NodeShape leader, int from, int most)
    {
        for (var total = 2; total <= most; total++)
        {
            for (var gpus = Math.Min(leader.Gpus, total - 1); gpus >= 1; gpus--)
            {
                var value = _reached[from + total - gpus];
                if (value >= 0 && leader.Rest.After(gpus)[(int)(value >> 32)] >= _layers)
                    return (total, gpus);
            }
        }

        return (0, 0);
    }
}
