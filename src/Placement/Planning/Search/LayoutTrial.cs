namespace GpuStack.Placement.Planning.Search;

/// <summary>
/// Tries one set of nodes: orders the workers by class, finds where the layers can start, and gives back the devices that
/// are not needed, the smallest and slowest first, workers' before the leader's.
/// </summary>
internal sealed class LayoutTrial(Workload workload, bool partial, bool oneGpu)
{
    /// <summary>Larger sets are tried in one order only: where layers differ little, the order of workers decides nothing.</summary>
    private const int MaxOrderedNodes = 4;

    /// <summary>A layout and its first offloaded layer, or null when the set cannot hold the model.</summary>
    public (Layout Layout, int Start)? Try(NodeClass leader, IReadOnlyList<NodeClass> workers)
    {
        var byClass = workers.GroupBy(w => w).OrderBy(g => g.Key, WorkerOrder.Instance).Select(g => g.ToArray()).ToArray();
        foreach (var order in byClass.Length > 1 && workers.Count < MaxOrderedNodes ? Permutations(byClass) : [byClass])
        {
            var seats = order.SelectMany(c => c).Append(leader).Select(c => new Seat(c, oneGpu ? 1 : c.Gpus)).ToArray();
            var layout = new Layout(seats);
            var droppable = seats.OrderBy(s => s.Class.Usable).ThenBy(s => s.Class.Devices.BandwidthGBs).ToArray();
            Shrink(droppable, () => layout.Devices > workload.Layers - (partial ? 1 : 0));
            if (Start(layout) is not { } start)
                continue;
            if (partial && !HostHolds(layout, start))
                continue;
            DropUnneeded(layout, droppable, start);
            return (layout, start);
        }

        return null;
    }

    private bool HostHolds(Layout layout, int start) =>
        workload.LeaderMemory(start, layout.Devices).Value <= layout.Leader.Class.Key.OffloadMemory;

    private int? Start(Layout layout) =>
        partial ? LayerFill.FirstOffloaded(workload, layout) : LayerFill.Fits(workload, layout, 0, partial: false) ? 0 : null;

    private void DropUnneeded(Layout layout, IEnumerable<Seat> seats, int start)
    {
        foreach (var seat in seats)
        {
            while (seat.Gpus > 1)
            {
                seat.Gpus--;
                // One device has other buffers than several, on the device and on the host: the classes were asked for several.
                var fits = LayerFill.Fits(workload, layout, start, partial)
                    && (partial ? HostHolds(layout, start) : layout.Devices > 1 || layout.Leader.Class.Key.CanLeadOne);
                if (fits)
                    continue;
                seat.Gpus++;
                break;
            }
        }
    }

    private static void Shrink(IEnumerable<Seat> seats, Func<bool> tooMany)
    {
        foreach (var seat in seats)
        {
            while (seat.Gpus > 1 && tooMany())
                seat.Gpus--;
        }
    }

    private static IEnumerable<NodeClass[][]> Permutations(NodeClass[][] classes)
    {
        if (classes.Length == 1)
        {
            yield return classes;
            yield break;
        }

        for (var i = 0; i < classes.Length; i++)
        {
            foreach (var rest in Permutations([.. classes[..i], .. classes[(i + 1)..]]))
                yield return [classes[i], .. rest];
        }
    }

    /// <summary>The order of workers: product, size, count, so that equal shapes stand together.</summary>
    private sealed class WorkerOrder : IComparer<NodeClass>
    {
        public static WorkerOrder Instance { get; } = new();

        public int Compare(NodeClass? x, NodeClass? y)
        {
            var order = y!.Devices.BandwidthGBs.CompareTo(x!.Devices.BandwidthGBs);
            if (order == 0)
                order = y.Usable.CompareTo(x.Usable);
            if (order == 0)
                order = y.Gpus.CompareTo(x.Gpus);
            if (order == 0)
                order = string.CompareOrdinal(x.Key.Product, y.Key.Product);
            return order != 0 ? order : string.CompareOrdinal(x.FirstName, y.FirstName);
        }
    }
}
