using System.Text;
using GpuStack.Kubernetes.Controllers;
using GpuStack.Kubernetes.Metrics;
using GpuStack.Kubernetes.Models;
using GpuStack.Kubernetes.Queues;
using GpuStack.Kubernetes.Tests.Controllers;
using GpuStack.Kubernetes.Tests.Servers;

namespace GpuStack.Kubernetes.Tests.Metrics;

/// <summary>What dashboards made for controller-runtime find.</summary>
public sealed class ControllerMetricsTests : ControllerScene
{
    [Fact]
    public async Task Point41_BeforeAnyWork_EverySeriesIsThere_AtZero()
    {
        Add(c => c.Workers(3));
        // Made later than the controller.
        using var exporter = new PrometheusExporter();

        var controller = $"{{controller={Name}}}";
        var queue = $"{{controller={Name},name={Name}}}";
        var expected = new Dictionary<string, double>
        {
            [$"controller_runtime_reconcile_total{{controller={Name},result=success}}"] = 0,
            [$"controller_runtime_reconcile_total{{controller={Name},result=error}}"] = 0,
            [$"controller_runtime_reconcile_total{{controller={Name},result=requeue}}"] = 0,
            [$"controller_runtime_reconcile_total{{controller={Name},result=requeue_after}}"] = 0,
            [$"controller_runtime_reconcile_errors_total{controller}"] = 0,
            [$"controller_runtime_terminal_reconcile_errors_total{controller}"] = 0,
            [$"controller_runtime_reconcile_panics_total{controller}"] = 0,
            [$"controller_runtime_reconcile_timeouts_total{controller}"] = 0,
            [$"controller_runtime_reconcile_time_seconds_count{controller}"] = 0,
            [$"controller_runtime_reconcile_time_seconds_sum{controller}"] = 0,
            [$"controller_runtime_max_concurrent_reconciles{controller}"] = 3,
            [$"controller_runtime_active_workers{controller}"] = 0,
            [$"workqueue_depth{{controller={Name},name={Name},priority=0}}"] = 0,
            [$"workqueue_depth{{controller={Name},name={Name},priority=-100}}"] = 0,
            [$"workqueue_adds_total{queue}"] = 0,
            [$"workqueue_retries_total{queue}"] = 0,
            [$"workqueue_queue_duration_seconds_count{queue}"] = 0,
            [$"workqueue_queue_duration_seconds_sum{queue}"] = 0,
            [$"workqueue_work_duration_seconds_count{queue}"] = 0,
            [$"workqueue_work_duration_seconds_sum{queue}"] = 0,
            [$"workqueue_unfinished_work_seconds{queue}"] = 0,
            [$"workqueue_longest_running_processor_seconds{queue}"] = 0,
        };
        var text = await ReadAsync(exporter);
        var found = text.Samples.Where(s => s.Key.Contains(Name, StringComparison.Ordinal) && !s.Key.Contains("_bucket{", StringComparison.Ordinal));

        Assert.Equal(expected.OrderBy(s => s.Key, StringComparer.Ordinal), found.OrderBy(s => s.Key, StringComparer.Ordinal));
        Assert.Equal("counter", text.Types["controller_runtime_reconcile_total"]);
        Assert.Equal("histogram", text.Types["controller_runtime_reconcile_time_seconds"]);
        Assert.Equal("gauge", text.Types["controller_runtime_active_workers"]);
        Assert.Equal("gauge", text.Types["workqueue_depth"]);
        Assert.Equal("counter", text.Types["workqueue_adds_total"]);
    }

    [Fact]
    public async Task Point41_TheBuckets_AreControllerRuntimes()
    {
        Add();
        using var exporter = new PrometheusExporter();
        var text = await ReadAsync(exporter);

        Assert.Equal(
            "0.005 0.01 0.025 0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4 0.45 0.5 0.6 0.7 0.8 0.9 1 1.25 1.5 1.75 2 2.5 3 3.5 4 4.5 5 6 7 8 9 10 15 20 25 30 40 50 60 +Inf",
            Bounds($"controller_runtime_reconcile_time_seconds_bucket{{controller={Name},le="));
        const string Queue = "1e-08 1e-07 1e-06 1e-05 0.0001 0.001 0.01 0.1 1 10 100 1000 +Inf";
        Assert.Equal(Queue, Bounds($"workqueue_queue_duration_seconds_bucket{{controller={Name},le="));
        Assert.Equal(Queue, Bounds($"workqueue_work_duration_seconds_bucket{{controller={Name},le="));

        string Bounds(string start) => string.Join(' ', text.Samples.Keys.Where(k => k.StartsWith(start, StringComparison.Ordinal)).Select(k => k[start.Length..].Split(',', '}')[0]));
    }

    [Fact]
    public async Task Point41_Work_IsCounted()
    {
        using var exporter = new PrometheusExporter();
        Memory.Seed(DefaultSets, Set("b"));
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Scripted.ReconcileAsync = async set =>
        {
            await release.Task;
            return ReconciliationResult<V1StatefulSet>.Success(set, TimeSpan.FromSeconds(60));
        };
        await SettleAsync();
        Controller.Enqueue(new EntityKey("default", "c"), 7);
        Clock.Advance(TimeSpan.FromSeconds(4));
        var text = await ReadAsync(exporter);
        Assert.Equal(1, text.Samples[$"controller_runtime_active_workers{{controller={Name}}}"]);
        Assert.Equal(1, text.Samples[$"workqueue_depth{{controller={Name},name={Name},priority=-100}}"]);
        Assert.Equal(1, text.Samples[$"workqueue_depth{{controller={Name},name={Name},priority=7}}"]);
        Assert.Equal(4, text.Samples[$"workqueue_unfinished_work_seconds{{controller={Name},name={Name}}}"]);
        Assert.Equal(4, text.Samples[$"workqueue_longest_running_processor_seconds{{controller={Name},name={Name}}}"]);
        Assert.Equal(3, text.Samples[$"workqueue_adds_total{{controller={Name},name={Name}}}"]);

        release.SetResult();
        await CountsAsync(2, "reconcile_total", "result=requeue_after");
        var queue = (IQueueState)Controller.Queue;
        while (queue.InHand().Count > 0) await Task.Yield();
        text = await ReadAsync(exporter);
        Assert.Equal(3, text.Samples[$"controller_runtime_reconcile_time_seconds_count{{controller={Name}}}"]);
        Assert.Equal(4, text.Samples[$"controller_runtime_reconcile_time_seconds_sum{{controller={Name}}}"]);
        Assert.Equal(1, text.Samples[$"controller_runtime_reconcile_total{{controller={Name},result=success}}"]);
        Assert.Equal(0, text.Samples[$"controller_runtime_reconcile_errors_total{{controller={Name}}}"]);
        Assert.Equal(2, text.Samples[$"workqueue_retries_total{{controller={Name},name={Name}}}"]);
        Assert.Equal(3, text.Samples[$"workqueue_queue_duration_seconds_count{{controller={Name},name={Name}}}"]);
        Assert.Equal(8, text.Samples[$"workqueue_queue_duration_seconds_sum{{controller={Name},name={Name}}}"]);
        Assert.Equal(4, text.Samples[$"workqueue_work_duration_seconds_sum{{controller={Name},name={Name}}}"]);
        Assert.Equal(0, text.Samples[$"workqueue_depth{{controller={Name},name={Name},priority=7}}"]);
        Assert.Equal(0, text.Samples[$"controller_runtime_active_workers{{controller={Name}}}"]);
    }

    [Fact]
    public async Task PrioritiesWithoutEnd_ShareOneSeries()
    {
        using var exporter = new PrometheusExporter();
        using var queue = new RateLimitedQueue<int>(new TestClock(), name: Name);
        for (var i = 0; i < 30; i++) queue.Add(i, i);

        var text = await ReadAsync(exporter);
        Assert.Equal(30, text.Samples[$"workqueue_depth{{controller={Name},name={Name},priority=exceeded_cardinality_limit}}"]);
        Assert.Single(text.Samples.Keys, key => key.StartsWith($"workqueue_depth{{controller={Name}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AControllerThatIsGone_IsNoLongerMeasured()
    {
        using var exporter = new PrometheusExporter();
        Add();
        Assert.Contains($"controller_runtime_active_workers{{controller={Name}}}", (await ReadAsync(exporter)).Samples.Keys);
        Controller.Dispose();

        var text = await ReadAsync(exporter);
        Assert.DoesNotContain($"controller_runtime_active_workers{{controller={Name}}}", text.Samples.Keys);
        Assert.DoesNotContain($"workqueue_depth{{controller={Name},name={Name},priority=0}}", text.Samples.Keys);
    }

    private static async Task<PrometheusText> ReadAsync(PrometheusExporter exporter)
    {
        using var stream = new MemoryStream();
        await exporter.WriteAsync(stream, Token);
        return PrometheusText.Parse(Encoding.UTF8.GetString(stream.ToArray()));
    }
}
