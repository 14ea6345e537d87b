using GpuStack.Modeling;
using GpuStack.Operator.Metrics;
using GpuStack.Placement.Fleets;

namespace GpuStack.Operator.Tests.Metrics;

public sealed class FleetFiguresTests
{
    [Fact]
    public void Units_are_taken_free_or_unusable_and_free_ones_beside_taken_ones_are_fragmented()
    {
        var figures = Assert.Single(FleetFigures.Of([
            Node("whole", Pool(8, 8)), Node("part", Pool(8, 3)), Node("full", Pool(8, 0)), Node("down", Pool(8, 6)) with { Problem = new NodeProblem("NotReady", "") },
        ]));

        Assert.Equal(("nvidia", "NVIDIA-L4", "gpu"), (figures.Vendor, figures.Product, figures.Unit));
        Assert.Equal((32, 15, 11, 6), (figures.Total, figures.Taken, figures.Free, figures.Unusable));
        Assert.Equal((3, 8), (figures.Fragmented, figures.LargestOnANode));
        Assert.Equal((Bytes.FromGiB(32 * 24).Value, Bytes.FromGiB(11 * 24).Value), (figures.Memory, figures.FreeMemory));
    }

    [Fact]
    public void Shares_and_slices_serve_alone_so_that_they_are_never_fragmented()
    {
        var figures = FleetFigures.Of([Node("a", Pool(4, 3) with { Unit = DeviceUnit.Share }, Pool(4, 3) with { Unit = DeviceUnit.MigSlice, Product = "A100" })]);

        Assert.Equal([("NVIDIA-L4", "share", 0L, 1L), ("A100", "slice", 0, 1)], figures.OrderBy(one => one.Unit, StringComparer.Ordinal).Select(one => (one.Product, one.Unit, one.Fragmented, one.LargestOnANode)));
    }

    [Fact]
    public void Kinds_without_end_share_one()
    {
        var figures = FleetFigures.Of(Enumerable.Range(0, FleetFigures.MostKinds + 50).Select(i => Node($"n{i}", Pool(1, 1) with { Product = $"p{i:000}" })));

        Assert.Equal(FleetFigures.MostKinds + 1, figures.Count);
        Assert.Equal(50, figures.Single(one => one.Product == FleetFigures.OtherProducts).Total);
    }

    [Fact]
    public void A_node_that_offers_fewer_than_are_taken_counts_what_it_offers()
    {
        var figures = Assert.Single(FleetFigures.Of([Node("a", Pool(1, -1))]));

        Assert.Equal(figures.Total, figures.Taken + figures.Free + figures.Unusable);
        Assert.Equal(0, figures.Free);
    }

    private static FleetNode Node(string name, params DevicePool[] pools) => new() { Name = name, Devices = [.. pools] };

    private static DevicePool Pool(int allocatable, int free) => new()
    {
        Vendor = "nvidia",
        Product = "NVIDIA-L4",
        ResourceName = "nvidia.com/gpu",
        MemoryPerGpu = Bytes.FromGiB(24),
        Allocatable = allocatable,
        Free = free,
    };
}
