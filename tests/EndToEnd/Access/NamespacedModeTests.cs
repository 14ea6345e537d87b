using GpuStack.EndToEnd.Reconciliation;
using GpuStack.Entities.V1Alpha1;
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
        await NamespacedDeployment.ApplyAsync(cluster, foreign);
        await using (OperatorRun.Start(
            cluster,
            settings => settings with { Namespaces = [cluster.Namespace, other], FleetPods = fleetPods, LeaderElect = true },
            new WithoutStreamingLists(cluster.OperatorClient)))
        {
            await NamespacedDeployment.ApplyAsync(cluster, cluster.Namespace);
            await NamespacedDeployment.ReadyAsync(cluster, cluster.Namespace);
            await NamespacedDeployment.ApplyAsync(cluster, other);
            await NamespacedDeployment.ReadyAsync(cluster, other);
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

    [Fact]
    public async Task With_the_pods_of_its_namespaces_alone_in_sight_a_GPU_that_a_strange_namespace_takes_is_found_out_by_the_scheduler()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        Assert.SkipUnless(cluster.Simulated is not null, "a given cluster has its own roles");
        var foreign = $"{cluster.Namespace}-not";
        await cluster.CreateNamespaceAsync(foreign);
        await cluster.Client.CreateAsync(TakingOneGpu(foreign, $"{cluster.Namespace}-gpu-0"), Cancellation);
        OperatorAccess.Narrow(cluster.Simulated!, [cluster.Namespace], seesAllPods: false);
        var toleration = TimeSpan.FromHours(1);
        await using (OperatorRun.Start(cluster, settings => settings with { Namespaces = [cluster.Namespace], FleetPods = FleetPods.Namespaces, UnschedulableToleration = toleration }))
        {
            await cluster.ApplyAsync("small");
            var refused = await cluster.WaitAsync("small", "Scheduled", "False", "PodsUnschedulable");
            var words = Message(refused, "Scheduled");
            Assert.StartsWith("pod small-0-0 cannot be scheduled: ", words, StringComparison.Ordinal);
            Assert.Contains("Insufficient nvidia.com/gpu", words, StringComparison.Ordinal);
            Assert.Contains(words, Message(refused, "Ready"), StringComparison.Ordinal);
            Assert.Equal($"{cluster.Namespace}-gpu-0", Assert.Single(refused.Status!.Groups!).Leader!.Node);
        }

        // Once it is not borne any longer the group moves to the GPU that is free indeed.
        await using var run = OperatorRun.Start(
            cluster, settings => settings with { Namespaces = [cluster.Namespace], FleetPods = FleetPods.Namespaces, UnschedulableToleration = TimeSpan.Zero });
        var ready = await cluster.WaitAsync("small", "Ready", "True");
        Assert.Equal($"{cluster.Namespace}-gpu-1", Assert.Single(ready.Status!.Groups!).Leader!.Node);
    }

    private static string Message(ModelDeployment deployment, string type) => deployment.Status!.Conditions!.Single(condition => condition.Type == type).Message!;

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
