using GpuStack.Entities.Fleets;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Configuration;
using GpuStack.Operator.Commands.Plan;
using GpuStack.Operator.Tests.Planning.Changes;
using GpuStack.Placement.Planning;
using GpuStack.Placement.Products;
using GpuStack.Simulator;

namespace GpuStack.Operator.Tests.Plan;

public sealed class PlanFleetTests
{
    private const string Fleet =
        """
        apiVersion: simulator.gpustack.io/v1alpha1
        kind: Fleet
        metadata: {name: two}
        spec:
          nodeGroups:
          - {name: gpu, count: 2, gpu: {vendor: nvidia, product: NVIDIA-L4, memory: 23034Mi, count: 4}, cpu: "16", memory: 64Gi}
          - {name: cpu, count: 1, cpu: "16", memory: 64Gi}
          - {name: dra, count: 1, gpu: {vendor: nvidia, product: NVIDIA-L4, memory: 23034Mi, count: 4, dra: true}, cpu: "16", memory: 64Gi}
        """;

    [Fact]
    public async Task A_cluster_over_HTTP_is_the_fleet_of_its_file()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var snapshot = ClusterSnapshot.Read(Fleet, "fleet.yaml");
        await using var cluster = await SimulatedCluster.StartAsync(
            new SimulatedClusterOptions { Nodes = snapshot.Nodes, ResourceSlices = snapshot.Slices }, cancellation);
        var deployment = new ModelDeployment();
        deployment.Metadata.Name = "llama-8b";

        var live = (await PlanFleet.OfClusterAsync(KubernetesClientConfiguration.FromText(cluster.KubeconfigYaml), deployment, ProductTable.Default, cancellation)).Fleet;

        var file = PlanFleet.OfFile(Fleet, "fleet.yaml", deployment, ProductTable.Default);
        var offline = file.Fleet;
        Assert.Null(file.Warning);
        Assert.Equal(offline.Nodes.Select(n => (n.Name, n.FreeGpus, n.MemoryPerGpu)), live.Nodes.Select(n => (n.Name, n.FreeGpus, n.MemoryPerGpu)));
        Assert.Equal(offline.Nodes.Select(n => n.Problem), live.Nodes.Select(n => n.Problem));
        Assert.Equal(RejectionReasons.DraOnly, live.Find("dra-0")!.Problem!.Reason);
        Assert.Equal(8, live.Nodes.Sum(n => n.FreeGpus));
    }

    /// <summary>Otherwise the tree would say that it fits, and the preview below it that it waits.</summary>
    [Fact]
    public async Task GPUs_that_another_deployments_plan_holds_are_taken_before_its_pods_are_there()
    {
        var cluster = await new RunningCluster([.. Inputs.Nodes("gpu", 1, gpus: 2)]).RunAsync(Inputs.Small(name: "first"));
        Assert.Equal(1, Free(cluster, "second"));

        cluster.Unbind();

        Assert.Equal(1, Free(cluster, "second"));
        Assert.Equal(2, Free(cluster, "first"));
    }

    [Fact]
    public async Task The_deployments_own_pods_take_nothing()
    {
        var cluster = await new RunningCluster([.. Inputs.Nodes("gpu", 1, gpus: 2)]).RunAsync(Inputs.Small(name: "first"));

        Assert.Equal(2, Free(cluster, "first"));
    }

    private static int Free(RunningCluster cluster, string asking) =>
        PlanFleet.Of(cluster.Picture, Inputs.Small(name: asking), ProductTable.Default).Fleet.Nodes.Sum(node => node.FreeGpus);
}
