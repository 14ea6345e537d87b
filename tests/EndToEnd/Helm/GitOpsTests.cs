using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Helm;

/// <summary>
/// What Argo CD and Flux do: render, apply by the server, compare by the server. Nothing that the operator or the API server writes may show as
/// a difference, or a sync would never come to rest.
/// </summary>
public sealed class GitOpsTests
{
    private const string Manager = "--field-manager=argocd-controller";

    [Fact]
    public async Task Neither_the_chart_nor_the_samples_drift_after_a_sync()
    {
        await using HelmCluster cluster = await HelmCluster.StartAsync("unequal-gpus");
        string chart = await FileAsync(await cluster.Helm.RunAsync(
            ["template", HelmCluster.Release, HelmCluster.Chart, "--namespace", HelmCluster.Namespace, "--no-hooks", .. cluster.Ports()]));
        string samples = Repository.PathOf("config", "samples");
        try
        {
            await cluster.Kubectl.RunAsync("create", "namespace", HelmCluster.Namespace);
            await ApplyAsync(cluster, "-f", chart);
            await cluster.Kubectl.RunAsync("wait", "--for=condition=Established", "crd/modeldeployments.inference.gpustack.io", "--timeout=60s");
            await cluster.Kubectl.RunAsync("rollout", "status", $"deployment/{HelmCluster.Release}", "--namespace", HelmCluster.Namespace, "--timeout=60s");
            await ApplyAsync(cluster, "-k", samples);
            await using InstalledOperator installed = await InstalledOperator.StartAsync(cluster);
            await cluster.Kubectl.RunAsync("wait", "mdeploy", "--all", "--for=jsonpath={.status.observedGeneration}=1", "--timeout=60s");

            Dictionary<string, string> before = Versions(cluster);
            Assert.Equal("", await cluster.Kubectl.RunAsync("diff", "--server-side", Manager, "-f", chart));
            Assert.Equal("", await cluster.Kubectl.RunAsync("diff", "--server-side", Manager, "-k", samples));
            await ApplyAsync(cluster, "-f", chart);
            await ApplyAsync(cluster, "-k", samples);
            Assert.Equal(before, Versions(cluster));
        }
        finally
        {
            File.Delete(chart);
        }
    }

    [Fact]
    public async Task What_kubectl_applied_itself_is_unchanged_the_second_time()
    {
        await using HelmCluster cluster = await HelmCluster.StartAsync("unequal-gpus");
        await cluster.ReleaseAsync("install", HelmCluster.Chart, ["--create-namespace", .. cluster.Ports()]);
        await using InstalledOperator installed = await InstalledOperator.StartAsync(cluster);
        await cluster.Kubectl.RunAsync("apply", "-k", Repository.PathOf("config", "samples"));
        await cluster.Kubectl.RunAsync("wait", "mdeploy", "--all", "--for=jsonpath={.status.observedGeneration}=1", "--timeout=60s");

        string again = await cluster.Kubectl.RunAsync("apply", "-k", Repository.PathOf("config", "samples"));

        Assert.All(again.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.EndsWith(" unchanged", line, StringComparison.Ordinal));
    }

    private static Task<string> ApplyAsync(HelmCluster cluster, string option, string path) =>
        cluster.Kubectl.RunAsync("apply", "--server-side", Manager, option, path);

    private static async Task<string> FileAsync(string text)
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
        return file;
    }

    /// <summary>What a spec counts: the generation where there is one, else the content without what servers and status writers touch.</summary>
    private static Dictionary<string, string> Versions(HelmCluster cluster) => cluster.Simulated.Store.Definitions
        .Where(definition => definition.Key != BuiltInResources.Events && definition.Key != BuiltInResources.Leases)
        .SelectMany(definition => cluster.Simulated.Store.List(definition.Key).Items)
        .Where(stored => stored.Metadata["managedFields"] is JsonArray managers && managers.Any(one => one!["manager"]?.GetValue<string>() == "argocd-controller"))
        .ToDictionary(
            stored => $"{stored.Definition.Kind} {stored.Namespace}/{stored.Name}",
            stored => stored.Metadata["generation"]?.ToJsonString() ?? $"version {stored.ResourceVersion}",
            StringComparer.Ordinal);
}
