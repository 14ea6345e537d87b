using System.Text.Json.Nodes;
using GpuStack.EndToEnd.Metrics;
using GpuStack.EndToEnd.Reconciliation;

namespace GpuStack.EndToEnd.Trimming;

/// <summary>What a linker leaves of the operator is enough to work with: what image and engine pods run is the trimmed program.</summary>
[Collection(nameof(PublishedPrograms))]
public sealed class PublishedOperatorTests(PublishedOperator published)
{
    [Fact]
    public void It_publishes_without_a_warning()
    {
        Assert.True(published.Succeeded, published.Log);
        Assert.DoesNotContain("warning", published.Log, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The script has started it as the image's user, with no home and nothing to write to.</summary>
    [Fact]
    public void It_is_what_the_image_holds()
    {
        Assert.True(published.Succeeded, published.Log);
        Assert.Contains("\nimage: ", published.Log, StringComparison.Ordinal);
        Assert.Equal(
            ["LICENSE", "gpustack-operator", "samples"],
            Directory.EnumerateFileSystemEntries(PublishedOperator.Image).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    /// <summary>Client, informers, planner, objects, status, simulated cluster and hub.</summary>
    [Fact]
    public async Task It_brings_the_demo_to_Ready()
    {
        (int code, string output, string error) = await RunAsync("demo");

        Assert.True(code == 0, $"{output}\n{error}");
        Assert.Contains("is Ready after", output, StringComparison.Ordinal);
    }

    /// <summary>YAML, validation, and JSON by source-generated metadata.</summary>
    [Fact]
    public async Task It_plans_from_files()
    {
        string Sample(string file) => Repository.PathOf("samples", "cases", "six-gpus", file);
        string model = Repository.PathOf("samples", "models", "gpustack", "Llama-3.3-70B-Instruct-GGUF", "Llama-3.3-70B-Instruct-Q6_K.gguf");
        (int code, string output, string error) = await RunAsync(
            "plan", "-f", Sample("deployment.yaml"), "--nodes", Sample("fleet.yaml"), "--model", model, "--output", "json");

        Assert.True(code == 0, $"{output}\n{error}");
        JsonNode plan = JsonNode.Parse(output)!;
        Assert.Equal((true, 5), (plan["feasible"]!.GetValue<bool>(), plan["workers"]!.AsArray().Count));
    }

    /// <summary>The file's own copy, which is what engine pods start.</summary>
    [Fact]
    public async Task It_copies_itself()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            (int code, string output, string error) = await RunAsync("supervise", "--copy-to", folder);
            Assert.True(code == 0, $"{output}\n{error}");
            (code, output, error) = await PublishedProgram.RunAsync(Path.Combine(folder, "gpustack-operator"), [], "--version");
            Assert.True(code == 0, $"{output}\n{error}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>OpenTelemetry, its protocol, and the event source that tells of failures.</summary>
    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task It_sends_metrics_and_traces_and_says_when_it_cannot(string protocol)
    {
        Assert.True(published.Succeeded, published.Log);
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var collector = await OtlpReceiver.StartAsync(grpc: protocol == "grpc");
        await using (var run = await ScrapedOperator.StartAsync(
            cluster, PublishedOperator.Program, [("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)], "--otlp-endpoint", collector.Url.ToString()))
        {
            await cluster.ApplyAsync("sent");
            await cluster.WaitAsync("sent", "Ready", "True", "Ready");
            await UntilAsync(run, () => collector.Of("/v1/traces").Contains("reconcile modeldeployment", StringComparison.Ordinal)
                && collector.Of("/v1/metrics").Contains("gpustack_modeldeployment_condition", StringComparison.Ordinal));
        }

        await using var alone = await ScrapedOperator.StartAsync(
            cluster, PublishedOperator.Program, [("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)], "--otlp-endpoint", $"http://127.0.0.1:{FreePort.Next()}");
        await UntilAsync(alone, () => alone.Log.Contains("it cannot be reached", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_refuses_to_generate_files_from_classes_that_it_does_not_have_whole()
    {
        (int code, _, string error) = await RunAsync("generate", "crd", "--out", Path.GetTempPath());

        Assert.Equal(2, code);
        Assert.Contains("trimmed", error, StringComparison.Ordinal);
    }

    private static async Task UntilAsync(ScrapedOperator run, Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, run.Log);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        Assert.True(published.Succeeded, published.Log);
        return await PublishedProgram.RunAsync(PublishedOperator.Program, [], arguments);
    }
}
