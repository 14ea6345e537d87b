using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;
using GpuStack.Simulator;
using GpuStack.Simulator.Cluster.Kubelets;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>
/// A cluster given by GPUSTACK_TEST_KUBECONFIG has an API server and the usual controllers, and nobody acts on the tests' nodes. This shows
/// that the tests need no more than that.
/// </summary>
public class GivenClusterTests
{
    [Fact]
    public async Task Node_objects_and_the_API_are_enough()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var given = await SimulatedCluster.StartAsync(new SimulatedClusterOptions { Kubelets = new KubeletBehaviour { Present = false } }, cancellation);
        var kubeconfig = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(kubeconfig, given.KubeconfigYaml, cancellation);
            await using var cluster = await TestCluster.StartAsync(nodes: 2, kubeconfig: kubeconfig);
            await using var run = OperatorRun.Start(cluster);
            await cluster.ApplyAsync("small");
            var lost = Assert.Single((await cluster.WaitAsync("small", "Ready", "True")).Status!.Groups!).Leader!.Node;

            await cluster.AddNodesAsync("more", 2, "NVIDIA-L4", "23034Mi");
            await cluster.TakeNodeDownAsync(lost!);
            await cluster.WaitForAsync<ModelDeployment>("small", deployment =>
                deployment.Status is { ReadyReplicas: 1, Groups: [{ Leader: { } leader }] } && leader.Node != lost);

            await cluster.Client.DeleteAsync<ModelDeployment>("small", cluster.Namespace, cancellationToken: cancellation);
            await cluster.WaitUntilGoneAsync<V1Pod>("small-0-0");
        }
        finally
        {
            File.Delete(kubeconfig);
        }
    }
}
