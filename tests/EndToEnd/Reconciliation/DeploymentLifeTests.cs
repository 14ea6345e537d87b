using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

public class DeploymentLifeTests
{
    [Fact]
    public async Task A_deployment_becomes_Ready_with_all_its_objects()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);

        await cluster.ApplyAsync("small");
        var ready = await cluster.WaitAsync("small", "Ready", "True", "Ready");

        Assert.Equal(["small-0"], (await cluster.ListAsync<V1StatefulSet>()).Select(set => set.Metadata.Name));
        Assert.Equal(["small", "small-0"], (await cluster.ListAsync<V1Service>()).Select(service => service.Metadata.Name).Order());
        Assert.Equal(["small"], (await cluster.ListAsync<V1NetworkPolicy>()).Select(policy => policy.Metadata.Name));
        Assert.Equal(["small"], (await cluster.ListAsync<V1PodDisruptionBudget>()).Select(budget => budget.Metadata.Name));
        Assert.Single(await cluster.ListAsync<V1ConfigMap>(), map => map.Immutable is true);
        Assert.Equal((1, 1, 1), (ready.Status!.Replicas, ready.Status.ReadyReplicas, ready.Status.UpdatedReplicas));
        Assert.Equal($"http://small.{cluster.Namespace}.svc:8000/v1", ready.Status.Endpoint);
        Assert.Equal("llama", ready.Status.Model!.Architecture);
        Assert.Equal(8192, ready.Status.Engine!.ContextLength);
        Assert.Equal($"{cluster.Namespace}-gpu-0", Assert.Single(ready.Status.Groups!).Leader!.Node);
        Assert.NotNull(ready.Status.Estimate!.Total);
    }

    [Fact]
    public async Task A_group_over_several_nodes_has_its_leader_and_workers_where_the_plan_says()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 3, "NVIDIA-GeForce-RTX-4090", "24564Mi");
        await using var run = OperatorRun.Start(cluster);

        await cluster.ApplyAsync("large", file: "Llama-3.3-70B-Instruct-GGUF/Llama-3.3-70B-Instruct-Q4_K_M.gguf");
        var ready = await cluster.WaitAsync("large", "Ready", "True");

        var group = Assert.Single(ready.Status!.Groups!);
        var pods = await cluster.ListAsync<V1Pod>();
        Assert.Equal(1 + group.Workers!.Count, pods.Count);
        Assert.Equal(group.Leader!.Node, pods.Single(pod => pod.Metadata.Name == "large-0-0").Spec!.NodeName);
        Assert.All(group.Workers, worker => Assert.Equal(worker.Node, pods.Single(pod => pod.Metadata.Name == worker.Pod).Spec!.NodeName));
        Assert.Equal("1", group.Environment!["NCCL_P2P_DISABLE"]);
    }

    [Fact]
    public async Task The_second_deployment_waits_for_the_only_GPU_and_starts_when_the_first_goes()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("first");
        await cluster.WaitAsync("first", "Ready", "True");

        await cluster.ApplyAsync("second");
        var waiting = await cluster.WaitAsync("second", "Ready", "False", "InsufficientCapacity");

        Assert.Contains(waiting.Status!.Conditions!, condition => condition is { Type: "Reconciling", Status: "True", Reason: "WaitingForCapacity" });
        Assert.Contains(waiting.Status.Rejected!, rejection => rejection.Reason == "AllGpusTaken");
        Assert.DoesNotContain(await cluster.ListAsync<V1StatefulSet>(), set => set.Metadata.Name == "second-0");

        await cluster.Client.DeleteAsync<ModelDeployment>("first", cluster.Namespace, cancellationToken: TestContext.Current.CancellationToken);
        await cluster.WaitAsync("second", "Ready", "True");
    }

    [Fact]
    public async Task A_deployment_that_waited_and_only_plans_from_then_on_takes_no_GPU()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("first");
        await cluster.WaitAsync("first", "Ready", "True");
        await cluster.ApplyAsync("second");
        await cluster.WaitAsync("second", "Ready", "False", "InsufficientCapacity");
        await cluster.ApplyAsync("second", "planOnly: true");
        await cluster.WaitForAsync<ModelDeployment>("second", deployment => deployment.Status?.ObservedGeneration == deployment.Metadata.Generation);

        await cluster.Client.DeleteAsync<ModelDeployment>("first", cluster.Namespace, cancellationToken: TestContext.Current.CancellationToken);
        await cluster.ApplyAsync("third");

        await cluster.WaitAsync("third", "Ready", "True");
    }

    [Fact]
    public async Task Replicas_suspend_and_planOnly_do_what_they_say()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        await using var run = OperatorRun.Start(cluster);

        await cluster.ApplyAsync("small", "planOnly: true");
        var planned = await cluster.WaitAsync("small", "Ready", "True", "PlanOnly");
        Assert.Single(planned.Status!.Groups!);
        Assert.Empty(await cluster.ListAsync<V1StatefulSet>());

        await cluster.ApplyAsync("small", "replicas: 2");
        Assert.Equal(2, (await cluster.WaitAsync("small", "Ready", "True", "Ready")).Status!.ReadyReplicas);

        await cluster.ApplyAsync("small");
        await cluster.WaitForAsync<ModelDeployment>("small", deployment => deployment.Status?.Replicas == 1);
        await cluster.WaitUntilGoneAsync<V1StatefulSet>("small-1");

        await cluster.ApplyAsync("small", "suspend: true");
        await cluster.WaitAsync("small", "Ready", "True", "Suspended");
        await cluster.WaitUntilGoneAsync<V1StatefulSet>("small-0");
        Assert.Contains(await cluster.ListAsync<V1Service>(), service => service.Metadata.Name == "small");

        await cluster.ApplyAsync("small", "replicas: 0");
        await cluster.WaitAsync("small", "Ready", "True", "ScaledToZero");

        await cluster.ApplyAsync("small");
        await cluster.WaitAsync("small", "Ready", "True", "Ready");
    }

    [Fact]
    public async Task Deletion_leaves_nothing_behind()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("small");
        await cluster.WaitAsync("small", "Ready", "True");

        await cluster.Client.DeleteAsync<ModelDeployment>("small", cluster.Namespace, cancellationToken: TestContext.Current.CancellationToken);

        await cluster.WaitUntilGoneAsync<V1StatefulSet>("small-0");
        await cluster.WaitUntilGoneAsync<V1Pod>("small-0-0");
        await cluster.WaitUntilGoneAsync<V1Service>("small");
        await cluster.WaitUntilGoneAsync<V1Service>("small-0");
    }

    [Fact]
    public async Task A_child_that_somebody_deletes_comes_back()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("small");
        await cluster.WaitAsync("small", "Ready", "True");
        var before = (await cluster.ListAsync<V1Service>()).Single(service => service.Metadata.Name == "small").Metadata.Uid;

        await cluster.Client.DeleteAsync<V1Service>("small", cluster.Namespace, cancellationToken: TestContext.Current.CancellationToken);

        await cluster.WaitForAsync<V1Service>("small", service => service.Metadata.Uid != before);
    }
}
