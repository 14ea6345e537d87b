namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// What a group can hold at best with so many devices in all: an upper bound, for engines that take a limited number. A group begins with
/// a front (a leader, and workers taken already), and goes on with workers from a row. Of a shape n nodes with g devices hold no more than
/// n full nodes, nor more than g devices; each node has one device at least. Dynamic programming over (first of the row that may be taken,
/// nodes, devices) then gives the most that the rest of a row can add, and over (taken, devices) the most that a front holds.
/// </summary>
internal sealed class DeviceBound
{
    /// <summary>A larger number of devices hardly limits a group, and would make the tables large.</summary>
    private const int MostTabled = 64;

    /// <summary>Longer rows are not tabled.</summary>
    private const int MostRow = 256;

    private const long Impossible = long.MinValue / 4;

    private readonly int _devices;
    private Supply[] _row = [];
    private long[] _rest = [];
    private long[] _fronts = [];
    private int _places;
    private bool _known;

    /// <param name="devices">The most devices of a group.</param>
    public DeviceBound(int devices) => _devices = devices;

    /// <summary>A bound worth its work can be had for so many devices.</summary>
    public static bool Tells(int devices) => devices <= MostTabled;

    /// <summary>Additions so far.</summary>
    public long Steps { get; private set; }

    /// <summary>Begins a group: with a leader, or with nobody yet.</summary>
    /// <param name="leader">The leader, or null when it is one of the row.</param>
    /// <param name="row">Who may be taken.</param>
    /// <param name="counts">How many of each.</param>
    /// <param name="places">Nodes to take at most.</param>
    public void Begin(Supply? leader, ReadOnlySpan<Supply> row, ReadOnlySpan<int> counts, int places)
    {
        _places = Math.Min(places, _devices);
        _known = Tells(_devices) && row.Length <= MostRow;
        if (!_known)
            return;
        _row = row.ToArray();
        int width = _devices + 1, table = (_places + 1) * width;
        Grow(ref _rest, (row.Length + 1) * table);
        Grow(ref _fronts, (_places + 1) * width);
        Array.Fill(_rest, Impossible, row.Length * table, table);
        Array.Fill(_rest, 0, row.Length * table, width);
        for (var i = row.Length - 1; i >= 0; i--)
            Prepend(row[i].Shape, Math.Min(counts[i], _places), (i + 1) * table, i * table);
        for (var devices = 0; devices <= _devices; devices++)
            _fronts[devices] = leader is null ? 0 : devices == 0 ? Impossible : Held(leader.Shape, 1, devices);
    }

    /// <summary>Takes so many nodes of one of the row into the front.</summary>
    /// <param name="taken">How often that was done before.</param>
    /// <param name="place">Which of the row.</param>
    /// <param name="nodes">Nodes.</param>
    public void Take(int taken, int place, int nodes)
    {
        if (!_known)
            return;
        int width = _devices + 1, from = taken * width, to = from + width;
        var shape = _row[place].Shape;
        for (var devices = 0; devices <= _devices; devices++)
        {
            var most = Impossible;
            for (var own = nodes; own <= Math.Min(devices, nodes * shape.Gpus); own++)
                most = Math.Max(most, _fronts[from + devices - own] + Held(shape, nodes, own));
            _fronts[to + devices] = most;
        }

        Steps += width;
    }

    /// <summary>The front and so many more nodes, of the row from one on, may hold so much.</summary>
    /// <param name="taken">How often nodes were taken into the front.</param>
    /// <param name="from">The first of the row that may be taken.</param>
    /// <param name="places">Nodes to take.</param>
    /// <param name="devices">Devices at most, no more than the bound is for.</param>
    /// <param name="size">What is to be held, in the unit of <see cref="Workload.SizeBefore"/>.</param>
    public bool MayHold(int taken, int from, int places, int devices, long size)
    {
        if (!_known)
            return true;
        if (places > _places)
            return false;
        int width = _devices + 1, front = taken * width, rest = ((from * (_places + 1)) + places) * width;
        devices = Math.Min(devices, _devices);
        for (var used = 0; used <= devices; used++)
        {
            if (_fronts[front + used] + _rest[rest + devices - used] >= size)
                return true;
        }

        return false;
    }

    private void Prepend(NodeShape shape, int count, int after, int to)
    {
        var width = _devices + 1;
        for (var places = 0; places <= _places; places++)
        {
            for (var devices = 0; devices <= _devices; devices++)
            {
                var most = _rest[after + (places * width) + devices];
                for (var nodes = 1; nodes <= Math.Min(count, Math.Min(places, devices)); nodes++)
                {
                    var others = after + ((places - nodes) * width) + devices;
                    for (var own = nodes; own <= Math.Min(devices, nodes * shape.Gpus); own++, Steps++)
                        most = Math.Max(most, _rest[others - own] + Held(shape, nodes, own));
                }

                _rest[to + (places * width) + devices] = most;
            }
        }
    }

    private static long Held(NodeShape shape, int nodes, int devices) => Math.Min(nodes * shape.Capacity, devices * shape.DeviceCapacity);

    private static void Grow(ref long[] array, int size)
    {
        if (array.Length < size)
            array = new long[size];
    }
}
