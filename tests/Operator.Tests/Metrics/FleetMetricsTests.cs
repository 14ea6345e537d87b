using System.Diagnostics.Metrics;
using GpuStack.Operator.Metrics;
using GpuStack.Operator.Planning;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Tests.Metrics;

public sealed class FleetMetricsTests : IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly FleetSource _fleet = new(ProductTable.Default);
    private bool _active = true;

    public FleetMetricsTests() => _ = new FleetMetrics(_meter, _fleet, () => _active);

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Nodes_and_their_GPUs_are_those_of_the_moment()
    {
        foreach (var node in Inputs.Nodes("n", 3, gpus: 4))
            _fleet.SetNode(node);
        var down = Inputs.Nodes("n", 1, gpus: 4).Single();
        down.Status!.Conditions!.Single(condition => condition.Type == "Ready").Status = "False";
        _fleet.SetNode(down);
        var read = MeterReading.Of(_meter);

        Assert.Equal((2, 1), (read["gpustack_fleet_gpu_nodes{ready=true}"], read["gpustack_fleet_gpu_nodes{ready=false}"]));
        Assert.Equal((12, 8, 4), (Sum(read, "gpustack_fleet_gpus"), Sum(read, "gpustack_fleet_gpus_free"), Sum(read, "gpustack_fleet_gpus_unusable")));

        _fleet.RemoveNode("n-0");
        read = MeterReading.Of(_meter);
        Assert.Equal((2, 0), (read["gpustack_fleet_gpu_nodes{ready=true}"], read["gpustack_fleet_gpu_nodes{ready=false}"]));
        Assert.Equal(8, Sum(read, "gpustack_fleet_gpus"));
    }

    [Fact]
    public void A_replica_that_does_not_lead_reports_nothing()
    {
        _fleet.SetNode(Inputs.Nodes("n", 1, gpus: 4).Single());
        _active = false;

        Assert.Empty(MeterReading.Of(_meter));
    }

    private static double Sum(IReadOnlyDictionary<string, double> read, string name) =>
        read.Where(pair => pair.Key.StartsWith(name + "{", StringComparison.Ordinal)).Sum(pair => pair.Value);
}
