using GpuStack.EndToEnd.Cases;

namespace GpuStack.EndToEnd.Kubectl;

/// <summary>Real kubectl against <c>demo --hold</c>.</summary>
public sealed class KubectlTests(HeldDemo demo) : IClassFixture<HeldDemo>
{
    [Fact]
    public async Task Get_shows_nodes_deployments_statefulsets_pods_and_events()
    {
        string output = await demo.Kubectl.RunAsync("get", "nodes,mdeploy,sts,pods,events", "-o", "wide");

        Assert.Contains("node/desktop-5", output, StringComparison.Ordinal);
        Assert.Contains("modeldeployment.inference.gpustack.io/llama-70b", output, StringComparison.Ordinal);
        Assert.Contains("statefulset.apps/llama-70b-0", output, StringComparison.Ordinal);
        Assert.Contains("pod/llama-70b-0-0", output, StringComparison.Ordinal);
        Assert.Contains("event", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_and_explain_tell_about_a_deployment()
    {
        string description = await demo.Kubectl.RunAsync("describe", "mdeploy", "llama-70b");
        Assert.Contains("Ready", description, StringComparison.Ordinal);
        Assert.Contains("desktop-0", description, StringComparison.Ordinal);
        Assert.Contains("Events:", description, StringComparison.Ordinal);

        string explanation = await demo.Kubectl.RunAsync("explain", "mdeploy.spec.placement.memory");
        Assert.Contains("reservePerGpu", explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_deployment_is_applied_waits_and_is_deleted()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.yaml");
        string manifest = await File.ReadAllTextAsync(new SampleCase("cpu-control-plane").Deployment, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, manifest.Replace("name: llama-8b", "name: second", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        try
        {
            Assert.Contains("created", await demo.Kubectl.RunAsync("apply", "-f", file), StringComparison.Ordinal);
            Assert.Contains("unchanged", await demo.Kubectl.RunAsync("apply", "-f", file), StringComparison.Ordinal);
            // Every GPU is taken by the first deployment.
            await demo.Kubectl.RunAsync("wait", "--for=condition=Planned=false", "mdeploy/second", "--timeout=60s");
            Assert.Contains("AllGpusTaken", await demo.Kubectl.RunAsync("get", "mdeploy", "second", "-o", "yaml"), StringComparison.Ordinal);
            await demo.Kubectl.RunAsync("delete", "-f", file, "--timeout=60s");
            Assert.DoesNotContain("second", await demo.Kubectl.RunAsync("get", "mdeploy"), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
