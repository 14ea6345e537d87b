using GpuStack.EndToEnd.Cases;
using GpuStack.EndToEnd.Kubectl;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Helm;

/// <summary>helm installs, upgrades and removes the chart, and the operator serves with the rights that the chart gives it.</summary>
public sealed class InstallTests
{
    private const string OldChart = "gpustack-operator-0.1.0.tgz";

    [Fact]
    public async Task An_installed_operator_serves_a_model_under_the_charts_roles_and_is_removed_without_a_trace()
    {
        await using HelmCluster cluster = await HelmCluster.StartAsync();
        string[] before = cluster.Objects(null);
        SampleCase sample = new("six-gpus");
        string notes = await cluster.ReleaseAsync("install", HelmCluster.Chart, ["--create-namespace", .. cluster.Ports()]);
        Assert.Contains("kubectl", notes, StringComparison.Ordinal);

        await using (InstalledOperator installed = await InstalledOperator.StartAsync(cluster))
        {
            await cluster.Kubectl.RunAsync("apply", "-f", sample.Deployment);
            await ReadyAsync(cluster, installed);
            await cluster.Helm.RunAsync("test", HelmCluster.Release, "--namespace", HelmCluster.Namespace, "--timeout", "60s");
            Assert.Contains("--leader-elect", installed.Arguments);
            // The webhook answers over TLS, by the authority that the operator wrote into its configuration.
            using ManifestFile doubtful = ManifestFile.Of("doubtful", "  engine: {contextLength: 8192, args: [--rpc, somewhere]}");
            Assert.Contains("spec.engine.args[0]: --rpc ", await cluster.Kubectl.RefusalAsync("apply", "-f", doubtful.Path), StringComparison.Ordinal);
            Assert.Equal([], Refusals(cluster));

            await cluster.Kubectl.RunAsync("delete", "-f", sample.Deployment, "--timeout=60s");
        }

        await cluster.Helm.RunAsync("uninstall", HelmCluster.Release, "--namespace", HelmCluster.Namespace, "--wait", "--timeout", "60s");
        Assert.Equal([], cluster.Objects());
        Assert.Equal([], cluster.Objects("default"));
        // The CRD is kept, for with it every ModelDeployment would go.
        Assert.Equal([.. before, "CustomResourceDefinition/modeldeployments.inference.gpustack.io"], cluster.Objects(null).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_upgrade_from_the_first_chart_keeps_the_models_running_and_takes_over_the_definition()
    {
        await using HelmCluster cluster = await HelmCluster.StartAsync();
        SampleCase sample = new("six-gpus");
        string old = Repository.PathOf("tests", "EndToEnd", "Helm", OldChart);
        await cluster.ReleaseAsync("install", old, ["--create-namespace", .. cluster.Values()]);
        string[] pods;
        await using (InstalledOperator installed = await InstalledOperator.StartAsync(cluster))
        {
            await cluster.Kubectl.RunAsync("apply", "-f", sample.Deployment);
            await ReadyAsync(cluster, installed);
            pods = Pods(cluster);
        }

        await cluster.ReleaseAsync("upgrade", HelmCluster.Chart, ["--take-ownership", "--reset-then-reuse-values", .. cluster.Ports()]);
        await using (InstalledOperator upgraded = await InstalledOperator.StartAsync(cluster))
        {
            using ManifestFile second = ManifestFile.Of("second", "  planOnly: true");
            await cluster.Kubectl.RunAsync("apply", "-f", second.Path);
            await cluster.Kubectl.RunAsync("wait", "mdeploy/second", "--for=condition=Ready", "--timeout=60s");
            await ReadyAsync(cluster, upgraded);
            // The new operator works, and has not touched what runs.
            Assert.NotEmpty(pods);
            Assert.Equal(pods, Pods(cluster));
            Assert.Equal([], Refusals(cluster));
        }

        Assert.Contains("resource-policy", cluster.Object(BuiltInResources.CustomResourceDefinitions, "modeldeployments.inference.gpustack.io", null)["metadata"]!["annotations"]!.ToJsonString(), StringComparison.Ordinal);
        await cluster.Helm.RunAsync("uninstall", HelmCluster.Release, "--namespace", HelmCluster.Namespace, "--wait", "--timeout", "60s");
        Assert.Equal([], cluster.Objects());
        // What runs goes on running without an operator.
        Assert.Contains("llama-70b", await cluster.Kubectl.RunAsync("get", "mdeploy,pods"), StringComparison.Ordinal);
    }

    /// <summary>Fields of an object that kubectl applied are kubectl's; what is said of it stands in the chart's README.</summary>
    [Theory]
    [InlineData("--server-side")]
    [InlineData("--server-side=false")]
    public async Task A_definition_that_kubectl_applied_before_is_taken_over_by_force_alone(string how)
    {
        await using HelmCluster cluster = await HelmCluster.StartAsync();
        string definition = await File.ReadAllTextAsync(Repository.PathOf("config", "crd", "inference.gpustack.io_modeldeployments.yaml"), TestContext.Current.CancellationToken);
        using ManifestFile older = new(definition.Replace("Whether all groups serve requests", "Words of before", StringComparison.Ordinal));
        await cluster.Kubectl.RunAsync("apply", how, "-f", older.Path);
        string[] install = ["install", HelmCluster.Release, HelmCluster.Chart, "--namespace", HelmCluster.Namespace, "--create-namespace", "--wait", "--timeout", "60s"];

        Assert.Contains("cannot be imported into the current release", await cluster.Helm.RefusalAsync(install), StringComparison.Ordinal);
        Assert.Contains(".spec.versions", await cluster.Helm.RefusalAsync([.. install, "--take-ownership"]), StringComparison.Ordinal);
        await cluster.Helm.RunAsync("uninstall", HelmCluster.Release, "--namespace", HelmCluster.Namespace, "--wait", "--timeout", "60s");
        await cluster.Helm.RunAsync([.. install, "--take-ownership", "--force-conflicts"]);

        string taken = cluster.Object(BuiltInResources.CustomResourceDefinitions, "modeldeployments.inference.gpustack.io", null)["spec"]!.ToJsonString();
        Assert.Contains("Whether all groups serve requests", taken, StringComparison.Ordinal);
        Assert.DoesNotContain("Words of before", taken, StringComparison.Ordinal);
    }

    /// <summary>Names in the cluster and the lease of a namespace are there once; whoever comes second is told, and nothing of the first changes.</summary>
    [Fact]
    public async Task A_second_release_needs_a_name_and_a_namespace_of_its_own_and_no_definition()
    {
        await using HelmCluster cluster = await HelmCluster.StartAsync();
        await cluster.ReleaseAsync("install", HelmCluster.Chart, "--create-namespace");
        string[] before = cluster.Objects(null);

        string[] second = ["--create-namespace", "--wait", "--timeout", "60s", "--set", "crds.install=false,watchNamespaces={default}"];
        Assert.Contains("ClusterRole \"gpustack-operator-", await cluster.Helm.RefusalAsync(["install", HelmCluster.Release, HelmCluster.Chart, "--namespace", "elsewhere", .. second]), StringComparison.Ordinal);
        Assert.Contains("Lease \"gpustack-operator\"", await cluster.Helm.RefusalAsync(["install", "another", HelmCluster.Chart, "--namespace", HelmCluster.Namespace, .. second]), StringComparison.Ordinal);
        Assert.Equal(before, cluster.Objects(null));
        await cluster.Helm.RunAsync(["install", "another", HelmCluster.Chart, "--namespace", "elsewhere", .. second]);
    }

    private static async Task ReadyAsync(HelmCluster cluster, InstalledOperator running)
    {
        try
        {
            await cluster.Kubectl.RunAsync("wait", "mdeploy/llama-70b", "--for=condition=Ready", "--timeout=60s");
        }
        catch (Xunit.Sdk.TrueException exception)
        {
            Assert.Fail($"{exception.Message}\n{string.Join(' ', running.Arguments)}\n{running.Log}\n{string.Join('\n', Refusals(cluster))}");
        }
    }

    private static string[] Refusals(HelmCluster cluster) => [.. cluster.Simulated.Access.Refusals.Select(refusal => refusal.Message)];

    private static string[] Pods(HelmCluster cluster) =>
        [.. cluster.Simulated.Store.List(BuiltInResources.Pods, "default").Items.Select(pod => pod.Uid).Order(StringComparer.Ordinal)];
}
