using System.Diagnostics.Metrics;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Metrics;

/// <summary>What GPUs there are, as the planner sees them: pods and plans that have no pods yet both count.</summary>
internal sealed class FleetMetrics
{
    private readonly FleetSource _fleet;
    private readonly Func<bool> _active;
    private readonly CollectionFigures<IReadOnlyList<FleetFigures>> _figures;

    /// <param name="meter">Of this operator.</param>
    /// <param name="fleet">The fleet.</param>
    /// <param name="active">Whether this replica works; the others report nothing, so that sums over replicas are right.</param>
    public FleetMetrics(Meter meter, FleetSource fleet, Func<bool> active)
    {
        _fleet = fleet;
        _active = active;
        _figures = new CollectionFigures<IReadOnlyList<FleetFigures>>(() => FleetFigures.Of(_fleet.Current.Nodes));
        meter.CreateObservableGauge("gpustack_fleet_gpus", ByKind(kind => kind.Total), "{gpu}", "GPUs that nodes offer: taken, free and unusable ones together.");
        meter.CreateObservableGauge("gpustack_fleet_gpus_taken", ByKind(kind => kind.Taken), "{gpu}", "GPUs that pods hold, or plans whose pods are not there yet.");
        meter.CreateObservableGauge("gpustack_fleet_gpus_free", ByKind(kind => kind.Free), "{gpu}", "GPUs that nobody holds, on nodes that can be used.");
        meter.CreateObservableGauge(
            "gpustack_fleet_gpus_unusable", ByKind(kind => kind.Unusable), "{gpu}", "GPUs that nobody holds, on nodes that no deployment can use: NotReady, cordoned, or without a label that tells their memory.");
        meter.CreateObservableGauge(
            "gpustack_fleet_gpus_fragmented", ByKind(kind => kind.Fragmented), "{gpu}", "Free GPUs on nodes where others of the kind are taken: a group that wants a whole node cannot have them.");
        meter.CreateObservableGauge(
            "gpustack_fleet_gpus_largest_free", ByKind(kind => kind.LargestOnANode), "{gpu}", "The most GPUs that are free on one node: the largest group of one node that has room.");
        meter.CreateObservableGauge("gpustack_fleet_vram_bytes", ByKind(kind => kind.Memory), "By", "Memory of the GPUs that nodes offer.");
        meter.CreateObservableGauge("gpustack_fleet_vram_free_bytes", ByKind(kind => kind.FreeMemory), "By", "Memory of the free GPUs.");
        meter.CreateObservableGauge("gpustack_fleet_gpu_nodes", Nodes, "{node}", "Nodes with GPUs, by whether they are Ready.");
    }

    private Func<IEnumerable<Measurement<long>>> ByKind(Func<FleetFigures, long> value)
    {
        var read = _figures.Reader();
        return () => !_active() ? [] : read().Select(kind => new Measurement<long>(
            value(kind), OperatorMeter.Label("vendor", kind.Vendor), OperatorMeter.Label("product", kind.Product), OperatorMeter.Label("unit", kind.Unit)));
    }

    private IEnumerable<Measurement<int>> Nodes()
    {
        if (!_active())
            yield break;
        var (all, ready) = _fleet.GpuNodes();
        yield return new Measurement<int>(ready, OperatorMeter.Label("ready", "true"));
        yield return new Measurement<int>(all - ready, OperatorMeter.Label("ready", "false"));
    }
}
