
namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Gives layers to the devices of a layout, each device an unbroken range of at least one.
/// Whether there is a way at all: from the front, each device takes as many layers as it can hold and as leave one for
/// every device behind it. If any way exists, that one does, because a device that starts later holds no less.
/// The best way: dynamic programming from the back over (device, first layer), minimising the time of a token, then the
/// unevenness among devices (sum of squares over memory), then giving more to devices in front. Faster devices thus fill
/// first within their memory, and equal ones share evenly.
/// </summary>
internal static class LayerFill
{
    /// <summary>The layers from <paramref name="start"/> on fit on the layout's devices.</summary>
    public static bool Fits(Workload workload, Layout layout, int start, bool partial)
    {
        var devices = layout.Devices;
        if (start + devices > workload.Layers)
            return false;
        int next = start, behind = devices;
        foreach (var seat in layout.Seats)
        {
            var reach = workload.Reach(seat.Class.Usable, devices, partial);
            for (var gpu = 0; gpu < seat.Gpus; gpu++)
            {
                behind--;
                var last = Math.Min(reach[next], workload.Layers - 1 - behind);
                if (last < next)
                    return false;
                next = last + 1;
            }
        }

        return next == workload.Layers;
    }

    /// <summary>The first layer on a device when as few as possible stay on the host (at least one does); null when not even the output layer fits.</summary>
    public static int? FirstOffloaded(Workload workload, Layout layout)
    {
        int fits = workload.Layers, fails = 0;
        while (fits - fails > 1)
        {
            var middle = (fits + fails) / 2;
            if (middle + layout.Devices > workload.Layers || Fits(workload, layout, middle, partial: true))
                fits = middle;
            else
                fails = middle;
        }

        return fits + layout.Devices <= workload.Layers && Fits(workload, layout, fits, partial: true) ? fits : null;
    }

    /// <summary>Layers per device, best first by speed; null when they do not fit.</summary>
    public static int[]? Split(Workload workload, Layout layout, int start, bool partial)
    {
        var usable = layout.UsablePerDevice();
        var bandwidth = layout.BandwidthPerDevice();
        int devices = usable.Length, layers = workload.Layers;
        var time = new long[layers + 1];
        var uneven = new double[layers + 1];
        Array.Fill(time, long.MaxValue);
        time[layers] = 0;
        var choice = new int[devices][];
        for (var device = devices - 1; device >= 0; device--)
        {
            var reach = workload.Reach(usable[device], devices, partial);
            var prefix = workload.Speed.Prefix(bandwidth[device]);
            var (newTime, newUneven) = (new long[layers + 1], new double[layers + 1]);
            Array.Fill(newTime, long.MaxValue);
            choice[device] = new int[layers + 1];
            for (var first = start + device; first < layers; first++)
            {
                for (var last = Math.Min(reach[first], layers - (devices - device)); last >= first; last--)
                {
                    if (time[last + 1] == long.MaxValue)
                        continue;
                    var count = last + 1 - first;
                    var total = prefix[last + 1] - prefix[first] + time[last + 1];
                    var spread = ((double)count * count / usable[device].MiB) + uneven[last + 1];
                    if (total < newTime[first] || (total == newTime[first] && spread < newUneven[first] * (1 - 1e-12)))
                        (newTime[first], newUneven[first], choice[device][first]) = (total, spread, count);
                }
            }

            (time, uneven) = (newTime, newUneven);
        }

        if (time[start] == long.MaxValue)
            return null;
        var counts = new int[devices];
        for (int device = 0, first = start; device < devices; device++)
        {
            counts[device] = choice[device][first];
            first += counts[device];
        }

        return counts;
    }
}
