using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GpuStack.Kubernetes.Controllers;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>
/// What one controller does, under the names that dashboards for controller-runtime know. Controllers of one name share
/// their series.
/// </summary>
/// <remarks>
/// A failure, an exception and a terminal error all count as errors. Terminal errors count apart as well, and so do
/// "panics": exceptions that only a mistake in the program explains.
/// </remarks>
internal sealed class ControllerMetrics : IDisposable
{
    private static readonly double[] TimeBounds =
    [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0,
        1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
    ];

    private static readonly Meter Meter = KubernetesMeter.Meter;

    private static readonly Counter<long> Total = Meter.CreateCounter<long>(
        "controller_runtime_reconcile_total", description: "Total number of reconciliations per controller");

    private static readonly Counter<long> Errors = Meter.CreateCounter<long>(
        "controller_runtime_reconcile_errors_total", description: "Total number of reconciliation errors per controller");

    private static readonly Counter<long> TerminalErrors = Meter.CreateCounter<long>(
        "controller_runtime_terminal_reconcile_errors_total", description: "Total number of terminal reconciliation errors per controller");

    private static readonly Counter<long> Panics = Meter.CreateCounter<long>(
        "controller_runtime_reconcile_panics_total", description: "Total number of reconciliation panics per controller");

    private static readonly Counter<long> Timeouts = Meter.CreateCounter<long>(
        "controller_runtime_reconcile_timeouts_total", description: "Total number of reconciliation timeouts per controller");

    private static readonly Histogram<double> Time = Meter.CreateHistogram(
        "controller_runtime_reconcile_time_seconds",
        "s",
        "Length of time per reconciliation per controller",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = TimeBounds });

    private static readonly ConcurrentDictionary<ControllerMetrics, int> Live = new();

    private readonly KeyValuePair<string, object?> _controller;
    private readonly string _name;
    private readonly int _workers;
    private int _active;

    static ControllerMetrics()
    {
        Meter.CreateObservableGauge(
            "controller_runtime_max_concurrent_reconciles", () => Sum(static m => m._workers), description: "Maximum number of concurrent reconciles per controller");
        Meter.CreateObservableGauge(
            "controller_runtime_active_workers", () => Sum(static m => Volatile.Read(ref m._active)), description: "Number of currently used workers per controller");
    }

    public ControllerMetrics(string controller, int workers)
    {
        _name = controller;
        _controller = new KeyValuePair<string, object?>("controller", controller);
        _workers = workers;
        Live[this] = 0;
        foreach (var outcome in Enum.GetValues<ReconcileOutcome>()) KnownSeries.Declare(Total, _controller, Result(outcome));
        foreach (var counter in new[] { Errors, TerminalErrors, Panics, Timeouts }) KnownSeries.Declare(counter, _controller);
        KnownSeries.Declare(Time, _controller);
    }

    public void Started() => Interlocked.Increment(ref _active);

    /// <param name="outcome">Null when the work was cut off by a stop: only the time counts.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Ended(ReconcileOutcome? outcome, TimeSpan elapsed)
    {
        Interlocked.Decrement(ref _active);
        Time.Record(elapsed.TotalSeconds, _controller);
        if (outcome is not { } counted) return;
        Total.Add(1, _controller, Result(counted));
        if (counted == ReconcileOutcome.Error) Errors.Add(1, _controller);
    }

    public void GivenUp() => TerminalErrors.Add(1, _controller);

    public void Panicked() => Panics.Add(1, _controller);

    public void TimedOut() => Timeouts.Add(1, _controller);

    public void Dispose() => Live.TryRemove(this, out _);

    private static IEnumerable<Measurement<int>> Sum(Func<ControllerMetrics, int> value) =>
        Live.Keys.GroupBy(static m => m._name, StringComparer.Ordinal).Select(same => new Measurement<int>(same.Sum(value), same.First()._controller));

    private static KeyValuePair<string, object?> Result(ReconcileOutcome outcome) => new("result", outcome switch
    {
        ReconcileOutcome.Success => "success",
        ReconcileOutcome.Requeue => "requeue",
        ReconcileOutcome.RequeueAfter => "requeue_after",
        _ => "error",
    });
}
