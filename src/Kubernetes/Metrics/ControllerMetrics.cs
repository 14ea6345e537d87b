using System.Diagnostics.Metrics;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>Counts of reconciliations, under the names that dashboards for controller-runtime know.</summary>
internal static class ControllerMetrics
{
    private static readonly Counter<long> Total = KubernetesMeter.Meter.CreateCounter<long>("controller_runtime_reconcile_total");
    private static readonly Counter<long> Errors = KubernetesMeter.Meter.CreateCounter<long>("controller_runtime_reconcile_errors_total");
    private static readonly Histogram<double> Time = KubernetesMeter.Meter.CreateHistogram<double>("controller_runtime_reconcile_time_seconds", "s");
    private static readonly UpDownCounter<long> Active = KubernetesMeter.Meter.CreateUpDownCounter<long>("controller_runtime_active_workers");

    public static void Started(string controller) => Active.Add(1, new KeyValuePair<string, object?>("controller", controller));

    /// <param name="controller">The controller's name.</param>
    /// <param name="result">success, error, requeue or requeue_after.</param>
    /// <param name="elapsed">How long it took.</param>
    public static void Ended(string controller, string result, TimeSpan elapsed)
    {
        var name = new KeyValuePair<string, object?>("controller", controller);
        Active.Add(-1, name);
        Total.Add(1, name, new KeyValuePair<string, object?>("result", result));
        if (result == "error") Errors.Add(1, name);
        Time.Record(elapsed.TotalSeconds, name);
    }
}
