using GpuStack.EndToEnd.Cases;

namespace GpuStack.EndToEnd.Helm;

/// <summary>A chart of somebody's own with a ModelDeployment in it: helm waits for it by kstatus, which reads its conditions.</summary>
public sealed class WaitTests
{
    private const string NotFound = "gpustack/there-is-no-such-model-GGUF";

    [Fact]
    public async Task Helm_waits_until_a_model_serves_and_gives_up_where_only_the_user_can_mend_it()
    {
        await using HelmCluster cluster = await HelmCluster.StartAsync();
        await cluster.ReleaseAsync("install", HelmCluster.Chart, ["--create-namespace", .. cluster.Ports()]);
        await using InstalledOperator installed = await InstalledOperator.StartAsync(cluster);
        string manifest = await File.ReadAllTextAsync(new SampleCase("six-gpus").Deployment, TestContext.Current.CancellationToken);
        string chart = Directory.CreateTempSubdirectory("gpustack-model-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(chart, "Chart.yaml"), "apiVersion: v2\nname: model\nversion: 1.0.0\n", TestContext.Current.CancellationToken);
            string template = Path.Combine(Directory.CreateDirectory(Path.Combine(chart, "templates")).FullName, "model.yaml");
            await File.WriteAllTextAsync(template, manifest, TestContext.Current.CancellationToken);

            await cluster.Helm.RunAsync("install", "model", chart, "--wait", "--timeout", "60s");
            Assert.Equal("True", await cluster.Kubectl.RunAsync("get", "mdeploy/llama-70b", "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}"));

            await File.WriteAllTextAsync(
                template, manifest.Replace("gpustack/Llama-3.3-70B-Instruct-GGUF", NotFound, StringComparison.Ordinal), TestContext.Current.CancellationToken);
            string refusal = await cluster.Helm.RefusalAsync("upgrade", "model", chart, "--wait", "--timeout", "60s");
            Assert.Contains("llama-70b", refusal, StringComparison.Ordinal);
            Assert.Contains("status: Failed", refusal, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(chart, recursive: true);
        }
    }
}
