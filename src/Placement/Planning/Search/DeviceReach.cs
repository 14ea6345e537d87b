namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// How far devices of one size get. Only one thing is taken for granted: what holds a range of layers holds it without its
/// last ones (tests hold real models to that). Starting later may need more memory, for compute buffers differ, so where a
/// row of devices can end is judged by <see cref="After"/>, which lets a device start at the position given or before it.
/// Immutable.
/// </summary>
internal sealed class DeviceReach
{
    private readonly int[][] _after;
    private readonly int[] _capacity;

    /// <param name="last">For each first layer the last that fits with it and all between; the one before the first when none fits.</param>
    public DeviceReach(int[] last)
    {
        Last = last;
        var layers = last.Length;
        var next = new int[layers + 1];
        for (int first = 0, furthest = 0; first < layers; first++)
            next[first] = furthest = Math.Max(furthest, last[first] + 1);
        next[layers] = layers;
        List<int[]> after = [next];
        while (after.Count < layers)
        {
            var further = Array.ConvertAll(after[^1], position => next[position]);
            if (further.AsSpan().SequenceEqual(after[^1]))
                break;
            after.Add(further);
        }

        _after = [.. after];
        _capacity = Array.ConvertAll(_after, row => Furthest(row));
    }

    /// <summary>For each first layer the last that fits; the one before the first when none fits.</summary>
    public int[] Last { get; }

    /// <summary>More devices in a row than these get no further.</summary>
    public int Useful => _after.Length;

    /// <summary>For each position the furthest that so many devices in a row reach from it: the first layer behind them.</summary>
    public int[] After(int devices) => _after[Math.Min(devices, _after.Length) - 1];

    /// <summary>The most layers that so many devices in a row hold, wherever they stand: an upper bound.</summary>
    public int Capacity(int devices) => devices <= 0 ? 0 : _capacity[Math.Min(devices, _capacity.Length) - 1];

    /// <summary>The most that so many devices in a row hold, wherever they stand, when the layers' sizes are told by running sums.</summary>
    public long Capacity(int devices, long[] sizeBefore)
    {
        if (devices <= 0)
            return 0;
        var most = 0L;
        var after = After(devices);
        for (var first = 0; first < after.Length; first++)
            most = Math.Max(most, sizeBefore[after[first]] - sizeBefore[first]);
        return most;
    }

    private static int Furthest(int[] row)
    {
        var most = 0;
        for (var first = 0; first < row.Length; first++)
            most = Math.Max(most, row[first] - first);
        return most;
    }
}
