using GpuStack.Placement.Fleets;

namespace GpuStack.Operator.Metrics;

/// <summary>The GPUs of one kind in the whole fleet. Pure.</summary>
/// <param name="Vendor">Such as <c>nvidia</c>.</param>
/// <param name="Product">As nodes' labels name it; <see cref="OtherProducts"/> for what is beyond <see cref="MostKinds"/>.</param>
/// <param name="Unit">gpu, slice or share.</param>
internal sealed record FleetFigures(string Vendor, string Product, string Unit)
{
    /// <summary>Kinds that have figures of their own: labels of nodes must not make series without end.</summary>
    public const int MostKinds = 256;

    public const string OtherProducts = "other";

    /// <summary>Units that kubelets offer: the sum of the next three.</summary>
    public long Total { get; private init; }

    /// <summary>Units that pods or plans hold.</summary>
    public long Taken { get; private init; }

    /// <summary>Units that nobody holds, on nodes that can be used.</summary>
    public long Free { get; private init; }

    /// <summary>Units that nobody holds, on nodes that no deployment can use: NotReady, cordoned, without the labels that say their memory.</summary>
    public long Unusable { get; private init; }

    /// <summary>
    /// Of the free ones, those on nodes where others of the kind are taken: a group that wants a whole node cannot have them. Only whole GPUs
    /// count, for slices and shares serve alone wherever they are.
    /// </summary>
    public long Fragmented { get; private init; }

    /// <summary>The most that are free on one node: the largest group of one node that has room.</summary>
    public long LargestOnANode { get; private init; }

    /// <summary>Memory of all units, in bytes.</summary>
    public long Memory { get; private init; }

    /// <summary>Memory of the free ones, in bytes.</summary>
    public long FreeMemory { get; private init; }

    /// <summary>The figures of every kind, sorted by vendor, product and unit.</summary>
    public static IReadOnlyList<FleetFigures> Of(IEnumerable<FleetNode> nodes)
    {
        var kinds = new SortedDictionary<(string, string, string), FleetFigures>();
        foreach (var node in nodes)
        {
            foreach (var pool in node.Devices)
            {
                var key = (pool.Vendor, pool.Product, Unit: UnitOf(pool.Unit));
                if (kinds.Count >= MostKinds && !kinds.ContainsKey(key))
                    key = ("", OtherProducts, "gpu");
                kinds[key] = (kinds.GetValueOrDefault(key) ?? new FleetFigures(key.Item1, key.Item2, key.Item3)).With(pool, node.Problem is null);
            }
        }
        return [.. kinds.Values];
    }

    private FleetFigures With(DevicePool pool, bool usable)
    {
        // A kubelet may offer fewer than pods hold.
        var left = Math.Clamp(pool.Free, 0, Math.Max(0, pool.Allocatable));
        var taken = pool.Allocatable - left;
        var free = usable ? left : 0;
        return this with
        {
            Total = Total + pool.Allocatable,
            Taken = Taken + taken,
            Free = Free + free,
            Unusable = Unusable + left - free,
            Fragmented = Fragmented + (taken > 0 && pool.Unit == DeviceUnit.Gpu ? free : 0),
            LargestOnANode = Math.Max(LargestOnANode, pool.Unit == DeviceUnit.Gpu ? free : Math.Min(free, 1)),
            Memory = Memory + (pool.Allocatable * pool.MemoryPerGpu.Value),
            FreeMemory = FreeMemory + (free * pool.MemoryPerGpu.Value),
        };
    }

    private static string UnitOf(DeviceUnit unit) => unit switch
    {
        DeviceUnit.MigSlice => "slice",
        DeviceUnit.Share => "share",
        _ => "gpu",
    };
}
