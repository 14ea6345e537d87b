namespace GpuStack.EndToEnd.Kubectl;

/// <summary>Real kubectl takes nodes from the demo's deployment, and at last the deployment itself.</summary>
public sealed class KubectlNodeTests(HeldDemo demo) : IClassFixture<HeldDemo>
{
    [Fact]
    public async Task A_drained_node_stops_the_deployment_until_it_is_back()
    {
        await demo.Kubectl.RunAsync("drain", "desktop-1", "--force", "--delete-emptydir-data", "--timeout=60s");
        await demo.Kubectl.RunAsync("wait", "--for=condition=Ready=false", "mdeploy/llama-70b", "--timeout=60s");

        await demo.Kubectl.RunAsync("uncordon", "desktop-1");
        await demo.Kubectl.RunAsync("wait", "--for=condition=Ready", "mdeploy/llama-70b", "--timeout=60s");

        await demo.Kubectl.RunAsync("delete", "node", "desktop-2", "--timeout=60s");
        await demo.Kubectl.RunAsync("wait", "--for=condition=Planned=false", "mdeploy/llama-70b", "--timeout=60s");

        await demo.Kubectl.RunAsync("delete", "mdeploy", "--all", "--timeout=60s");
        await demo.Kubectl.RunAsync("wait", "--for=delete", "pods", "--all", "--timeout=60s");
        Assert.DoesNotContain("llama-70b", await demo.Kubectl.RunAsync("get", "all,cm,pdb,netpol"), StringComparison.Ordinal);
    }
}
