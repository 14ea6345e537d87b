using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Tests.Planning;

public class DraGpusTests
{
    [Fact]
    public void GPUs_are_counted_by_node_over_drivers_and_pools()
    {
        var gpus = DraGpus.ByNode(
        [
            Slice("a", 2), Slice("a", 1, pool: "second", first: 2), Slice("a", 1, driver: "gpu.amd.com"), Slice("b", 8, driver: "gpu.intel.com"),
        ]);

        Assert.Equal([("a", 4), ("b", 8)], gpus.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public void Slices_of_an_older_generation_of_the_pool_do_not_count() =>
        Assert.Equal(1, DraGpus.OfNode([Slice("a", 8, generation: 3), Slice("a", 1, generation: 4)]));

    [Fact]
    public void A_device_that_stands_in_two_slices_counts_once() =>
        Assert.Equal(3, DraGpus.OfNode([Slice("a", 2), Slice("a", 2, first: 1)]));

    [Fact]
    public void Slices_of_other_devices_or_of_no_node_count_nowhere()
    {
        var shared = Slice("", 2);
        shared.NodeName = null;
        shared.AllNodes = true;

        Assert.Empty(DraGpus.ByNode([Slice("a", 2, driver: "dra.net"), Slice("a", 2, driver: "compute-domain.nvidia.com"), shared, new V1ResourceSliceSpec(), null]));
    }

    [Fact]
    public void The_count_of_a_node_is_bounded_whatever_the_slices_say() =>
        Assert.Equal(DraGpus.MostOfNode, DraGpus.OfNode(Enumerable.Range(0, 20).Select(i => Slice("a", 128, first: i * 128))));

    [Fact]
    public void A_node_whose_slices_come_later_is_another_node_to_the_planner()
    {
        var fleet = new FleetSource(ProductTable.Default);
        var node = Inputs.Nodes("gpu", 1)[0];

        Assert.True(fleet.SetNode(node));
        Assert.False(fleet.SetNode(node));
        Assert.True(fleet.SetNode(node, draGpus: 2));
        Assert.False(fleet.SetNode(node, draGpus: 2));
        Assert.Equal(2, Assert.Single(FleetFacts.Nodes([node], [new V1ResourceSlice { Spec = Slice("gpu-0", 2) }])).DraGpus);
    }

    private static V1ResourceSliceSpec Slice(
        string node, int devices, string driver = "gpu.nvidia.com", string? pool = null, long generation = 1, int first = 0) => new()
        {
            Driver = driver,
            NodeName = node,
            Pool = new V1ResourcePool { Name = pool ?? node, Generation = generation, ResourceSliceCount = 1 },
            Devices = [.. Enumerable.Range(first, devices).Select(i => new V1Device { Name = $"gpu-{i}" })],
        };
}
