using GpuStack.EndToEnd.Reconciliation;
using GpuStack.Entities.Manifests;
using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Client;
using GpuStack.Kubernetes.Models;
using GpuStack.Operator.Hosting;

namespace GpuStack.EndToEnd.Access;

/// <summary>An operator that serves some namespaces, with rights in those only.</summary>
public class NamespacedModeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FleetPods.Namespaces)]
    [InlineData(FleetPods.Cluster)]
    public async Task Roles_in_its_namespaces_are_enough_and_other_namespaces_are_left_alone(FleetPods fleetPods)
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        Assert.SkipUnless(cluster.Simulated is not null, "a given cluster has its own roles");
        var (other, foreign) = ($"{cluster.Namespace}-too", $"{cluster.Namespace}-not");
        await cluster.CreateNamespaceAsync(other);
        await cluster.CreateNamespaceAsync(foreign);
        await cluster.InstallServiceMonitorsAsync();
        OperatorAccess.Narrow(cluster.Simulated!, [cluster.Namespace, other], seesAllPods: fleetPods == FleetPods.Cluster);
        await ApplyAsync(cluster, foreign);
        await using (OperatorRun.Start(
            cluster,
            settings => settings with { Namespaces = [cluster.Namespace, other], FleetPods = fleetPods, LeaderElect = true },
            new WithoutStreamingLists(cluster.OperatorClient)))
        {
            await ApplyAsync(cluster, cluster.Namespace);
            await WaitUntilReadyAsync(cluster, cluster.Namespace);
            await ApplyAsync(cluster, other);
            await WaitUntilReadyAsync(cluster, other);
        }

        var untouched = await cluster.Client.GetAsync<ModelDeployment>("small", foreign, Cancellation);
        Assert.Equal(-1, untouched!.Status!.ObservedGeneration);
        Assert.Empty((await cluster.Client.ListAsync<V1StatefulSet>(foreign, cancellationToken: Cancellation)).Items);
        Assert.Empty((await cluster.Client.ListAsync<V1Service>(foreign, cancellationToken: Cancellation)).Items);
        if (fleetPods == FleetPods.Cluster)
            Assert.Empty(RoleFile.Read("fleet_pods_role.yaml").Unused(cluster.Simulated!.Access));
    }

    [Fact]
    public async Task With_the_pods_of_the_whole_cluster_in_sight_a_GPU_that_a_strange_namespace_takes_is_not_planned_on()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        Assert.SkipUnless(cluster.Simulated is not null, "a given cluster has its own roles");
        var foreign = $"{cluster.Namespace}-not";
        await cluster.CreateNamespaceAsync(foreign);
        await cluster.Client.CreateAsync(TakingOneGpu(foreign, $"{cluster.Namespace}-gpu-0"), Cancellation);
        OperatorAccess.Narrow(cluster.Simulated!, [cluster.Namespace], seesAllPods: true);
        await using var run = OperatorRun.Start(cluster, settings => settings with { Namespaces = [cluster.Namespace], FleetPods = FleetPods.Cluster });

        await cluster.ApplyAsync("small");
        var ready = await cluster.WaitAsync("small", "Ready", "True");

        Assert.Equal($"{cluster.Namespace}-gpu-1", Assert.Single(ready.Status!.Groups!).Leader!.Node);
    }

    private static Task<ModelDeployment> ApplyAsync(TestCluster cluster, string namespaceName)
    {
        var manifest = cluster.Manifest("small", "model: {huggingFace: {repository: gpustack/Llama-3.2-1B-Instruct-GGUF, file: Llama-3.2-1B-Instruct-Q8_0.gguf}}")
            .Replace($"namespace: {cluster.Namespace}\n", $"namespace: {namespaceName}\n", StringComparison.Ordinal);
        return cluster.Client.ApplyAsync(ModelDeploymentReader.Read(manifest, "test.yaml"), new ApplyOptions("test", force: true), Cancellation);
    }

    private static Task<ModelDeployment> WaitUntilReadyAsync(TestCluster cluster, string namespaceName) => cluster.WaitForAsync<ModelDeployment>(
        "small", deployment => deployment.Status?.Conditions?.Exists(condition => condition is { Type: "Ready", Status: "True" }) is true, namespaceName);

    private static V1Pod TakingOneGpu(string namespaceName, string node) => new()
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Metadata = new V1ObjectMeta { Name = "stranger", Namespace = namespaceName },
        Spec = new V1PodSpec
        {
            NodeName = node,
            Containers =
            [
                new V1Container
                {
                    Name = "main",
                    Image = "example.com/other:1",
                    Resources = new V1ResourceRequirements { Limits = new() { ["nvidia.com/gpu"] = 1 }, Requests = new() { ["nvidia.com/gpu"] = 1 } },
                },
            ],
        },
    };
}
