using System.Text.Json.Nodes;
using GpuStack.EndToEnd.Reconciliation;
using GpuStack.Entities.V1Alpha1;

namespace GpuStack.EndToEnd.Metrics;

/// <summary>What a collector and a reader of logs get of a running operator.</summary>
public sealed class TelemetryTests
{
    private const string Metrics = "/v1/metrics";
    private const string Traces = "/v1/traces";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_collector_gets_the_metrics_and_a_trace_of_each_reconciliation_with_its_steps_and_lines_of_the_log_are_json()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var collector = await OtlpReceiver.StartAsync();
        await using var run = await ScrapedOperator.StartAsync(cluster, "--otlp-endpoint", collector.Url.ToString(), "--log-format", "json");
        await cluster.ApplyAsync("traced");
        await cluster.WaitAsync("traced", "Ready", "True", "Ready");

        string[] steps = ["reconcile modeldeployment", "inspect", "plan", "apply", "StatefulSet", "traced-0", "write status", "gpustack-operator", "service.version", "service.instance.id"];
        await UntilAsync(run, () => steps.All(step => collector.Of(Traces).Contains(step, StringComparison.Ordinal)));
        string[] metrics = ["controller_runtime_reconcile_total", "gpustack_fleet_gpus", "gpustack_modeldeployment_condition", "process_resident_memory_bytes", "gpustack-operator"];
        await UntilAsync(run, () => metrics.All(metric => collector.Of(Metrics).Contains(metric, StringComparison.Ordinal)));

        await cluster.Client.DeleteAsync<ModelDeployment>("traced", cluster.Namespace, cancellationToken: Cancellation);
        await UntilAsync(run, () => !collector.LastOf(Metrics).Contains("traced", StringComparison.Ordinal));

        var lines = run.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.All(lines, line => Assert.True(line.ContainsKey("time") && line.ContainsKey("level") && line.ContainsKey("message"), line.ToString()));
        var applied = lines.Find(line => (int?)line["event"] == 1102);
        Assert.Equal($"{cluster.Namespace}/traced", (string?)applied?["fields"]?["Deployment"]);
        Assert.NotNull(applied?["traceId"]);
    }

    [Fact]
    public async Task A_collector_that_is_called_by_gRPC_gets_metrics_and_traces()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var collector = await OtlpReceiver.StartAsync(grpc: true);
        await using var run = await ScrapedOperator.StartAsync(
            cluster, program: null, [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer canary")], "--otlp-endpoint", collector.Url.ToString());
        await cluster.ApplyAsync("called");
        await cluster.WaitAsync("called", "Ready", "True", "Ready");

        await UntilAsync(run, () => collector.Of(Traces).Contains("reconcile modeldeployment", StringComparison.Ordinal));
        await UntilAsync(run, () => collector.Of(Metrics).Contains("gpustack_modeldeployment_condition", StringComparison.Ordinal));
        Assert.All(collector.Headers, header => Assert.Equal("Bearer canary", header));
        Assert.DoesNotContain("the collector", run.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task Exports_that_fail_are_in_the_log_once_a_minute_and_no_header_is(string protocol)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 0);
        var nobody = $"http://user:canary@127.0.0.1:{FreePort.Next()}";
        await using var run = await ScrapedOperator.StartAsync(
            cluster, program: null, [("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer canary")], "--otlp-endpoint", nobody, "--log-format", "json");

        await UntilAsync(run, () => run.Log.Contains("the collector", StringComparison.Ordinal));
        var line = JsonNode.Parse(run.Log.Split('\n').First(line => line.Contains("\"event\":1401", StringComparison.Ordinal)))!;
        Assert.Contains("cannot be reached", (string?)line["fields"]?["Problem"], StringComparison.Ordinal);
        Assert.DoesNotContain("canary", run.Log, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(ScrapedOperator run, Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, run.Log);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }
}
