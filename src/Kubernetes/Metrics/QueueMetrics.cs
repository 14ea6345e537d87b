using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using GpuStack.Kubernetes.Queues;

namespace GpuStack.Kubernetes.Metrics;

/// <summary>What goes through one queue, under the names and labels of controller-runtime's queues.</summary>
internal sealed class QueueMetrics : IDisposable
{
    /// <summary>So many priorities have a series of their own; when there are more, all share one.</summary>
    private const int MostPriorities = 25;

    // 10 ns, ×10, 12 times.
    private static readonly double[] Bounds = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

    private static readonly Meter Meter = KubernetesMeter.Meter;

    private static readonly Counter<long> Adds = Meter.CreateCounter<long>("workqueue_adds_total", description: "Total number of adds handled by workqueue");

    private static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "workqueue_retries_total",
        description: "Total number of items added to the workqueue with a non-zero delay (rate-limited requeues, explicit RequeueAfter or AddAfter calls)");

    private static readonly Histogram<double> Waiting = Meter.CreateHistogram(
        "workqueue_queue_duration_seconds",
        "s",
        "How long in seconds an item stays in workqueue before being requested",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds });

    private static readonly Histogram<double> Working = Meter.CreateHistogram(
        "workqueue_work_duration_seconds",
        "s",
        "How long in seconds processing an item from workqueue takes.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds });

    private static readonly ConcurrentDictionary<QueueMetrics, int> Live = new();

    private readonly string _name;
    private readonly IQueueState _state;
    private readonly KeyValuePair<string, object?>[] _tags;

    // Series that were shown stay, at zero.
    private readonly ConcurrentDictionary<int, int> _priorities = new() { [QueuePriority.Low] = 0, [QueuePriority.Normal] = 0 };

    static QueueMetrics()
    {
        Meter.CreateObservableGauge("workqueue_depth", Depths, description: "Current depth of workqueue by workqueue and priority");
        Meter.CreateObservableGauge(
            "workqueue_unfinished_work_seconds",
            static () => Seconds(static times => times.Sum(time => time.TotalSeconds)),
            "s",
            "How many seconds of work has been done that is in progress and hasn't been observed by work_duration. Large values indicate stuck workers.");
        Meter.CreateObservableGauge(
            "workqueue_longest_running_processor_seconds",
            static () => Seconds(static times => times.Count == 0 ? 0 : times.Max().TotalSeconds),
            "s",
            "How many seconds has the longest running processor for workqueue been running.");
    }

    public QueueMetrics(string name, IQueueState state)
    {
        _name = name;
        _state = state;
        _tags = [new("name", name), new("controller", name)];
        Live[this] = 0;
        KnownSeries.Declare(Adds, _tags);
        KnownSeries.Declare(Retries, _tags);
        KnownSeries.Declare(Waiting, _tags);
        KnownSeries.Declare(Working, _tags);
    }

    public void Added() => Adds.Add(1, _tags);

    public void Retried() => Retries.Add(1, _tags);

    /// <param name="waited">Since the key was asked for.</param>
    public void Taken(TimeSpan waited) => Waiting.Record(waited.TotalSeconds, _tags);

    /// <param name="worked">Since it was taken.</param>
    public void Done(TimeSpan worked) => Working.Record(worked.TotalSeconds, _tags);

    public void Dispose() => Live.TryRemove(this, out _);

    private static IEnumerable<Measurement<double>> Seconds(Func<List<TimeSpan>, double> value) => ByName()
        .Select(same => new Measurement<double>(value([.. same.SelectMany(static m => m._state.InHand())]), same.First()._tags));

    private static IEnumerable<Measurement<int>> Depths()
    {
        foreach (var same in ByName())
        {
            var depths = new SortedDictionary<string, int>(StringComparer.Ordinal);
            foreach (var metrics in same) metrics.AddDepths(depths);
            foreach (var (priority, depth) in depths) yield return new Measurement<int>(depth, [.. same.First()._tags, new("priority", priority)]);
        }
    }

    private static IEnumerable<IGrouping<string, QueueMetrics>> ByName() => Live.Keys.GroupBy(static m => m._name, StringComparer.Ordinal);

    private void AddDepths(SortedDictionary<string, int> depths)
    {
        var current = _state.Depths();
        foreach (var priority in current.Keys)
        {
            if (_priorities.Count <= MostPriorities) _priorities.TryAdd(priority, 0);
        }

        if (_priorities.Count > MostPriorities)
        {
            Add("exceeded_cardinality_limit", current.Values.Sum());
            return;
        }

        foreach (var priority in _priorities.Keys) Add(priority.ToString(CultureInfo.InvariantCulture), current.GetValueOrDefault(priority));

        void Add(string priority, int depth) => depths[priority] = depths.GetValueOrDefault(priority) + depth;
    }
}
