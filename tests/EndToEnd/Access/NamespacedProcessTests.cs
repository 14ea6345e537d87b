using GpuStack.EndToEnd.Reconciliation;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Access;

/// <summary><c>run --namespace … --namespace …</c> as an installation for some namespaces starts it: a process of its own, with Roles in these alone.</summary>
public class NamespacedProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_namespaces_that_are_named_are_served_and_others_stay_untouched()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        Assert.SkipUnless(cluster.Simulated is not null, "a given cluster has its own roles");
        var (other, foreign) = ($"{cluster.Namespace}-too", $"{cluster.Namespace}-not");
        await cluster.CreateNamespaceAsync(other);
        await cluster.CreateNamespaceAsync(foreign);
        OperatorAccess.Narrow(cluster.Simulated!, [cluster.Namespace, other], seesAllPods: false);
        var before = await NamespacedDeployment.ApplyAsync(cluster, foreign);
        var kubeconfig = Path.GetTempFileName();
        await File.WriteAllTextAsync(kubeconfig, cluster.Simulated!.ServiceAccountKubeconfigYaml(OperatorAccess.Namespace, OperatorAccess.Account), Cancellation);
        using var process = OperatorProcess.Start(
            "run", "--kubeconfig", kubeconfig, "--namespace", cluster.Namespace, "--namespace", other, "--leader-elect", "--lease-namespace", OperatorAccess.Namespace,
            "--health-port", "0", "--hugging-face-endpoint", cluster.HubUrl.ToString(), "--supervisor-url", cluster.SupervisorUrl);
        // Neither pipe is to fill up.
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        try
        {
            foreach (var served in (string[])[cluster.Namespace, other])
            {
                await NamespacedDeployment.ApplyAsync(cluster, served);
                await NamespacedDeployment.ReadyAsync(cluster, served);
            }

            Assert.Equal(before.Metadata.ResourceVersion, (await cluster.Client.GetAsync<ModelDeployment>("small", foreign, Cancellation))!.Metadata.ResourceVersion);
            Assert.Empty((await cluster.Client.ListAsync<V1StatefulSet>(foreign, cancellationToken: Cancellation)).Items);
            Assert.Empty((await cluster.Client.ListAsync<V1Service>(foreign, cancellationToken: Cancellation)).Items);
            Assert.DoesNotContain((await cluster.Client.ListAsync<V1ConfigMap>(foreign, cancellationToken: Cancellation)).Items, map => map.Metadata.Name != "kube-root-ca.crt");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            await Task.WhenAll(output, error);
            File.Delete(kubeconfig);
        }
    }
}
