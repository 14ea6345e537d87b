namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Gives layers to the devices of a layout, each device an unbroken range of at least one.
/// Whether there is a way at all: from the front, each device gets as far as it can and as leaves one layer for every device
/// behind it. If any way exists, that one does, because who may start at a layer may start at one before.
/// The best way: dynamic programming from the back over (device, first layer), minimising the time of a token, then the
/// unevenness among devices (sum of squares over memory), then giving more to devices in front. Faster devices thus fill
/// first within their memory, and equal ones share evenly.
/// </summary>
internal static class LayerFill
{
    /// <summary>The layers from <paramref name="start"/> on fit on the layout's devices.</summary>
    public static bool Fits(Workload workload, Layout layout, int start, bool partial)
    {
        var (devices, layers) = (layout.Devices, workload.Layers);
        if (start + devices > layers)
            return false;
        int next = start, device = 0;
        foreach (var seat in layout.Seats)
        {
            for (var gpu = 0; gpu < seat.Gpus; gpu++, device++)
            {
                var reach = workload.Reach(seat.Class.Usable, Workload.Kind(device, devices, partial));
                var reached = device == 0 ? reach.Last[start] + 1 : reach.After(1)[next];
                reached = Math.Min(reached, layers - (devices - 1 - device));
                if (reached <= next)
                    return false;
                next = reached;
            }
        }

        return next == layers;
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
        var (time, newTime) = (new long[layers + 1], new long[layers + 1]);
        var (uneven, newUneven) = (new double[layers + 1], new double[layers + 1]);
        Array.Fill(time, long.MaxValue);
        time[layers] = 0;
        var choice = new int[devices][];
        for (var device = devices - 1; device >= 0; device--)
        {
            var reach = workload.Reach(usable[device], Workload.Kind(device, devices, partial)).Last;
            var prefix = workload.Speed.Prefix(bandwidth[device]);
            var perSquare = 1 / usable[device].MiB;
            Array.Fill(newTime, long.MaxValue);
            var counts = choice[device] = new int[layers + 1];
            var latest = device == 0 ? start : layers - 1;
            for (var first = start + device; first <= latest; first++)
            {
                var (bestTime, bestUneven, bestCount) = (long.MaxValue, 0.0, 0);
                for (var last = Math.Min(reach[first], layers - (devices - device)); last >= first; last--)
                {
                    if (time[last + 1] == long.MaxValue)
                        continue;
                    var count = last + 1 - first;
                    var total = prefix[last + 1] - prefix[first] + time[last + 1];
                    if (total > bestTime)
                        continue;
                    var spread = ((double)count * count * perSquare) + uneven[last + 1];
                    if (total < bestTime || spread < bestUneven * (1 - 1e-12))
                        (bestTime, bestUneven, bestCount) = (total, spread, count);
                }

                (newTime[first], newUneven[first], counts[first]) = (bestTime, bestUneven, bestCount);
            }

            (time, newTime) = (newTime, time);
            (uneven, newUneven) = (newUneven, uneven);
        }

        if (time[start] == long.MaxValue)
            return null;
        var split = new int[devices];
        for (int device = 0, first = start; device < devices; device++)
        {
            split[device] = choice[device][first];
            var last = first + split[device] - 1;
            // The estimator has the last word, whatever was taken for granted on the way.
            if (!workload.Holds(usable[device], Workload.Kind(device, devices, partial), first, last))
                return null;
            first = last + 1;
        }

        return split;
    }
}
