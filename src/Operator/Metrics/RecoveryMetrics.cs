using System.Diagnostics.Metrics;
using GpuStack.Kubernetes.Metrics;
using GpuStack.Operator.Planning;
using GpuStack.Operator.Status;

namespace GpuStack.Operator.Metrics;

/// <summary>How long groups take to serve again.</summary>
internal sealed class RecoveryMetrics(TimeProvider time)
{
    private static readonly Histogram<double> Seconds = OperatorMeter.Meter.CreateHistogram(
        "gpustack_group_recovery_seconds",
        "s",
        "From the moment when a group that served ceased to, until it served again, by cause: engine, pod, update or node.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600] });

    private readonly RecoveryTracker _tracker = new(time);

    static RecoveryMetrics()
    {
        foreach (var cause in Enum.GetValues<RecoveryCause>())
            KnownSeries.Declare(Seconds, Label(cause));
    }

    /// <summary>A deployment was looked at.</summary>
    public void Observe(DeploymentKey deployment, DeploymentView view)
    {
        foreach (var (cause, taken) in _tracker.Observe(deployment, [.. view.Groups.Select(GroupServing.Of)]))
            Seconds.Record(taken.TotalSeconds, Label(cause));
    }

    /// <summary>A deployment is gone.</summary>
    public void Forget(DeploymentKey deployment) => _tracker.Observe(deployment, []);

    private static KeyValuePair<string, object?> Label(RecoveryCause cause) => OperatorMeter.Label("cause", cause switch
    {
        RecoveryCause.Engine => "engine",
        RecoveryCause.Pod => "pod",
        RecoveryCause.Update => "update",
        _ => "node",
    });
}
