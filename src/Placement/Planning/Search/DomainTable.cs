namespace GpuStack.Placement.Planning.Search;

/// <summary>The nodes of a <see cref="SupplyTable"/> by network domain.</summary>
internal sealed class DomainTable
{
    private readonly SupplyTable _table;

    /// <summary>Sorted by domain, then by shape; parts of a class stand together.</summary>
    private readonly ClassPart[] _parts;

    /// <summary>The place of each part's shape.</summary>
    private readonly int[] _places;
    private readonly int[] _starts;
    private readonly string[] _names;

    /// <summary>Room for counting a domain's devices by what they hold.</summary>
    private readonly long[] _devices;

    /// <param name="table">The nodes by shape.</param>
    /// <param name="parts">The same nodes by domain.</param>
    public DomainTable(SupplyTable table, IEnumerable<ClassPart> parts)
    {
        _table = table;
        _devices = new long[table.DeviceCapacities.Length];
        var domains = new Dictionary<string, int>(StringComparer.Ordinal);
        var classes = new Dictionary<NodeClass, int>(ReferenceEqualityComparer.Instance);
        List<int> placeOfClass = [];
        List<ClassPart> found = [];
        List<int> classOf = [];
        List<int> domainOf = [];
        foreach (var part in parts)
        {
            if (!domains.TryGetValue(part.Domain, out var domain))
                domains[part.Domain] = domain = domains.Count;
            if (!classes.TryGetValue(part.Whole, out var c))
            {
                classes[part.Whole] = c = classes.Count;
                placeOfClass.Add(table.PlaceOf(part.Whole));
            }

            found.Add(part);
            classOf.Add(c);
            domainOf.Add(domain);
        }

        _names = new string[domains.Count];
        foreach (var (name, domain) in domains)
            _names[domain] = name;
        // Passes of counting, each of which keeps the order before: by class, by shape, by domain.
        int[] items = [.. Enumerable.Range(0, found.Count)];
        items = Sorted(items, i => classOf[i], classes.Count, out _);
        items = Sorted(items, i => placeOfClass[classOf[i]], table.Supplies.Length, out _);
        items = Sorted(items, i => domainOf[i], domains.Count, out _starts);
        _parts = Array.ConvertAll(items, i => found[i]);
        _places = Array.ConvertAll(items, i => placeOfClass[classOf[i]]);
    }

    public int Count => _names.Length;

    public string NameOf(int domain) => _names[domain];

    /// <summary>The nodes of some domains, sorted by shape.</summary>
    public List<Supply> Within(ReadOnlySpan<int> domains)
    {
        var byPlace = new SortedList<int, Supply>();
        foreach (var domain in domains)
        {
            for (int i = _starts[domain], end = i; i < _starts[domain + 1]; i = end)
            {
                var c = _parts[i].Whole.In(_names[domain]);
                for (end = i; end < _starts[domain + 1] && ReferenceEquals(_parts[end].Whole, _parts[i].Whole); end++)
                    c.Add(_parts[end].Names, _parts[end].Except);
                if (!byPlace.TryGetValue(_places[i], out var supply))
                    byPlace[_places[i]] = supply = new Supply(_table.Supplies[_places[i]].Shape);
                supply.Add(c);
            }
        }

        return [.. byPlace.Values];
    }

    /// <summary>What so many nodes of one domain could do at best.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="nodes">Nodes of a group.</param>
    /// <param name="size">What they are to hold, in the unit of <see cref="Workload.SizeBefore"/>.</param>
    public DomainBound BoundOf(int domain, int nodes, long size)
    {
        var (left, held, leads, twins) = (nodes, 0L, false, 17L);
        Array.Clear(_devices);
        for (int i = _starts[domain], end = i; i < _starts[domain + 1]; i = end)
        {
            var (place, count) = (_places[i], 0);
            for (end = i; end < _starts[domain + 1] && _places[end] == place; end++)
                count += _parts[end].Count;
            var shape = _table.Supplies[place].Shape;
            twins = (((twins * 1_000_003) + place) * 1_000_003) + Math.Min(count, nodes);
            leads |= shape.CanLead;
            var take = Math.Min(left, count);
            left -= take;
            held += take * shape.Capacity;
            _devices[_table.DeviceRankOf(place)] += (long)Math.Min(count, nodes) * shape.Gpus;
        }

        var least = int.MaxValue;
        if (left == 0 && leads && held >= size)
            least = Math.Max(nodes, LeastDevices(size));
        return new DomainBound(domain, least, Math.Min(held, HeldBy(_table.MostDevices)), twins);
    }

    /// <summary>What so many devices hold at best.</summary>
    private long HeldBy(long devices)
    {
        var held = 0L;
        for (var rank = 0; rank < _devices.Length && devices > 0; rank++)
        {
            var take = Math.Min(_devices[rank], devices);
            held += take * _table.DeviceCapacities[rank];
            devices -= take;
        }

        return held;
    }

    /// <summary>The largest devices first.</summary>
    private int LeastDevices(long size)
    {
        var least = 0L;
        for (var rank = 0; rank < _devices.Length && size > 0; rank++)
        {
            var each = Math.Max(1, _table.DeviceCapacities[rank]);
            var take = Math.Min(_devices[rank], (size + each - 1) / each);
            least += take;
            size -= take * each;
        }

        return size > 0 ? int.MaxValue : (int)least;
    }

    /// <summary>The items in the order of their keys; items of equal keys keep theirs.</summary>
    private static int[] Sorted(int[] items, Func<int, int> keyOf, int keys, out int[] starts)
    {
        starts = new int[keys + 1];
        foreach (var item in items)
            starts[keyOf(item) + 1]++;
        for (var key = 0; key < keys; key++)
            starts[key + 1] += starts[key];
        var (next, sorted) = (starts[..keys], new int[items.Length]);
        foreach (var item in items)
            sorted[next[keyOf(item)]++] = item;
        return sorted;
    }
}
