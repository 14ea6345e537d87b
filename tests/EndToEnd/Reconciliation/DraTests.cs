using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>Nodes that offer their GPUs by dynamic resource allocation, and clusters that have none of it.</summary>
public class DraTests
{
    [Fact]
    public async Task A_node_without_a_device_plugin_is_DraOnly_from_the_moment_its_slices_come()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 0);
        var cancellation = TestContext.Current.CancellationToken;
        await using var run = OperatorRun.Start(cluster);
        var node = $"{cluster.Namespace}-bare";
        await cluster.AddNodeWithoutGpusAsync(node);

        await cluster.ApplyAsync("small");
        await WaitForReasonAsync(cluster, "NoGpu", node);
        await cluster.Client.CreateAsync(
            new V1ResourceSlice
            {
                ApiVersion = "resource.k8s.io/v1",
                Kind = "ResourceSlice",
                Metadata = new V1ObjectMeta { Name = node },
                Spec = new V1ResourceSliceSpec
                {
                    Driver = "gpu.nvidia.com",
                    NodeName = node,
                    Pool = new V1ResourcePool { Name = node, Generation = 1, ResourceSliceCount = 1 },
                    Devices = [new V1Device { Name = "gpu-0" }],
                },
            },
            cancellation);
        await WaitForReasonAsync(cluster, "DraOnly", node);
        await cluster.Client.DeleteAsync<V1ResourceSlice>(node, null, cancellationToken: cancellation);
        await WaitForReasonAsync(cluster, "NoGpu", node);
    }

    [Fact]
    public async Task A_cluster_that_serves_no_ResourceSlices_is_planned_on_as_ever()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster, client: new WithoutDra(cluster.OperatorClient));

        await cluster.ApplyAsync("small");

        await cluster.WaitAsync("small", "Ready", "True");
    }

    private static Task<ModelDeployment> WaitForReasonAsync(TestCluster cluster, string reason, string node) => cluster.WaitForAsync<ModelDeployment>(
        "small", deployment => deployment.Status?.Rejected?.Exists(rejection => rejection.Reason == reason && rejection.Examples?.Contains(node) is true) is true);
}
