using System.Net.Http.Headers;
using GpuStack.EndToEnd.Reconciliation;

namespace GpuStack.EndToEnd.Metrics;

/// <summary>What a running operator's <c>/metrics</c> answers, by Prometheus' own parser and by the table in the guides.</summary>
public sealed class ScrapeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_scrape_is_clean_by_promtool_and_every_metric_is_in_the_table_with_its_labels()
    {
        var promtool = PromTool.Find();
        Assert.SkipWhen(promtool is null, "promtool is not installed; ./test brings it");
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        await using var run = await ScrapedOperator.StartAsync(cluster);
        await cluster.ApplyAsync("small");
        await cluster.WaitAsync("small", "Ready", "True", "Ready");

        var table = MetricTable.Read();
        var scrape = await ScrapeAsync(run, text => table.Except(MetricTable.Of(text)).All(IsNotAlways));

        Assert.Equal("", await PromTool.CheckMetricsAsync(promtool!, scrape));
        Assert.Empty(MetricTable.Of(scrape).Except(table));
        Assert.Contains($"gpustack_modeldeployment_condition{{name=\"small\",namespace=\"{cluster.Namespace}\",reason=\"Ready\",status=\"true\",type=\"Ready\"}} 1\n", scrape, StringComparison.Ordinal);
        Assert.Contains("gpustack_fleet_gpus{product=\"NVIDIA-L4\",unit=\"gpu\",vendor=\"nvidia\"} 2\n", scrape, StringComparison.Ordinal);
        Assert.Contains("gpustack_fleet_gpus_taken{product=\"NVIDIA-L4\",unit=\"gpu\",vendor=\"nvidia\"} 1\n", scrape, StringComparison.Ordinal);
        Assert.Contains("leader_election_master_status{name=\"gpustack-operator\"} 1\n", scrape, StringComparison.Ordinal);

        var open = await GetAsync(run, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
        Assert.EndsWith("\n# EOF\n", open, StringComparison.Ordinal);
        Assert.Contains("# TYPE controller_runtime_reconcile counter\n", open, StringComparison.Ordinal);
    }

    /// <summary>What only those have that fetch, or whose engines say their buffers: simulated ones do neither.</summary>
    private static bool IsNotAlways(string metric) =>
        metric.Contains("_download_", StringComparison.Ordinal) || metric.Contains("_vram_used_", StringComparison.Ordinal) || metric.Contains("_estimate_error_", StringComparison.Ordinal);

    private async Task<string> ScrapeAsync(ScrapedOperator run, Predicate<string> complete)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        var text = "";
        while (!limit.IsCancellationRequested)
        {
            try
            {
                text = await GetAsync(run, "*/*");
                if (complete(text))
                    return text;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
        }
        Assert.Fail($"The scrape is not complete after {Patience.TotalSeconds} s. Missing: {string.Join("; ", MetricTable.Read().Except(MetricTable.Of(text)))}\n{run.Log}");
        return text;
    }

    private async Task<string> GetAsync(ScrapedOperator run, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, run.Address);
        foreach (var type in accept.Split(','))
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(type));
        using var answer = await _http.SendAsync(request, Cancellation);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }
}
