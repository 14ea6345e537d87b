using System.Diagnostics.Metrics;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Informers;
using GpuStack.Operator.Planning;

namespace GpuStack.Operator.Metrics;

/// <summary>All that one operator measures besides what its controllers and its client do.</summary>
internal sealed class OperatorMetrics : IDisposable
{
    private readonly Meter _meter = new(OperatorMeter.Name);
    private volatile bool _active;

    /// <param name="deployments">All deployments.</param>
    /// <param name="plans">The plans in force of one.</param>
    /// <param name="engines">What the pods of one said.</param>
    /// <param name="fleet">The fleet.</param>
    /// <param name="version">Of this program.</param>
    /// <param name="time">The clock.</param>
    public OperatorMetrics(
        IEntityCache<ModelDeployment> deployments,
        Func<DeploymentKey, IEnumerable<PlannedGroup>> plans,
        Func<DeploymentKey, EngineFigures> engines,
        FleetSource fleet,
        string version,
        TimeProvider time)
    {
        _meter.CreateObservableGauge("gpustack_build_info", () => new Measurement<int>(1, OperatorMeter.Label("version", version)), description: "1, with the operator's version.");
        _ = new FleetMetrics(_meter, fleet, () => _active);
        _ = new DeploymentMetrics(_meter, deployments, plans, engines, () => _active);
        Recovery = new RecoveryMetrics(time);
    }

    /// <summary>How long groups take to serve again.</summary>
    public RecoveryMetrics Recovery { get; }

    /// <summary>While this runs, this replica is the one that works, and reports on fleet and deployments; until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _active = true;
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        finally
        {
            _active = false;
        }
    }

    public void Dispose() => _meter.Dispose();
}
