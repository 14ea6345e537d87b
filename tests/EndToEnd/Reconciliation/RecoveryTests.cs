using GpuStack.Entities.V1Alpha1;
using GpuStack.Kubernetes.Models;

namespace GpuStack.EndToEnd.Reconciliation;

/// <summary>Nodes and pods that fail.</summary>
public class RecoveryTests
{
    [Fact]
    public async Task A_group_on_a_lost_node_moves_and_no_other_does()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 4);
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("small", "replicas: 2");
        var before = (await cluster.WaitAsync("small", "Ready", "True")).Status!.Groups!;
        var lost = before[0].Leader!.Node;
        var untouched = (await cluster.ListAsync<V1Pod>()).Single(pod => pod.Metadata.Name == "small-1-0").Metadata.Uid;

        await cluster.TakeNodeDownAsync(lost);
        var after = await cluster.WaitForAsync<ModelDeployment>("small", deployment =>
            deployment.Status is { ReadyReplicas: 2, Groups: { Count: 2 } groups } && groups[0].Leader!.Node != lost);

        Assert.Equal(before[1].Leader!.Node, after.Status!.Groups![1].Leader!.Node);
        Assert.Equal(untouched, (await cluster.ListAsync<V1Pod>()).Single(pod => pod.Metadata.Name == "small-1-0").Metadata.Uid);
    }

    [Fact]
    public async Task Nothing_moves_while_most_nodes_are_down()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 3);
        Assert.SkipUnless(cluster.IsOwn, "a given cluster may have GPU nodes of others, which stay up");
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("small");
        var before = Assert.Single((await cluster.WaitAsync("small", "Ready", "True")).Status!.Groups!);

        foreach (var node in (await cluster.ListAsync<V1Node>()).Select(node => node.Metadata.Name!).Where(name => name != before.Leader!.Node).Append(before.Leader!.Node))
            await cluster.TakeNodeDownAsync(node);
        var held = await cluster.WaitForAsync<ModelDeployment>("small", deployment =>
            deployment.Status!.Conditions!.Exists(condition => condition is { Type: "Reconciling", Reason: "Retrying" } && condition.Message!.Contains("half of the GPU nodes", StringComparison.Ordinal)));

        Assert.Equal(before.PlanHash, Assert.Single(held.Status!.Groups!).PlanHash);
    }

    [Fact]
    public async Task A_node_that_comes_back_in_time_keeps_its_group()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 3);
        await using var run = OperatorRun.Start(cluster, settings => settings with { NodeLostToleration = TimeSpan.FromMinutes(5) });
        await cluster.ApplyAsync("small");
        var before = Assert.Single((await cluster.WaitAsync("small", "Ready", "True")).Status!.Groups!);

        await cluster.TakeNodeDownAsync(before.Leader!.Node);
        await cluster.WaitAsync("small", "Ready", "False", "GroupsNotReady");
        await cluster.BringNodeUpAsync(before.Leader.Node);
        var after = Assert.Single((await cluster.WaitAsync("small", "Ready", "True")).Status!.Groups!);

        Assert.Equal(before.PlanHash, after.PlanHash);
    }

    [Fact]
    public async Task A_crashed_engine_shows_and_comes_back()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 1);
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("small");
        await cluster.WaitAsync("small", "Ready", "True");

        await cluster.FailPodAsync("small-0-0");
        await cluster.WaitAsync("small", "Ready", "False", "GroupsNotReady");
        var after = await cluster.WaitForAsync<ModelDeployment>("small", deployment => deployment.Status is { ReadyReplicas: 1, Groups: [{ Restarts: > 0 }] });

        Assert.True(after.Status!.Groups![0].Ready);
    }

    [Fact]
    public async Task A_GPU_that_somebody_else_took_makes_the_group_look_elsewhere()
    {
        await using var cluster = await TestCluster.StartAsync(nodes: 2);
        var cancellation = TestContext.Current.CancellationToken;
        var node = $"{cluster.Namespace}-gpu-0";
        await using var run = OperatorRun.Start(cluster);
        await cluster.ApplyAsync("small");
        await cluster.WaitAsync("small", "Ready", "True");
        await cluster.ApplyAsync("small", "suspend: true");
        await cluster.WaitUntilGoneAsync<V1Pod>("small-0-0");

        await cluster.Client.CreateAsync(
            new V1Pod
            {
                ApiVersion = "v1",
                Kind = "Pod",
                Metadata = new V1ObjectMeta { Name = "stranger", Namespace = cluster.Namespace },
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
            },
            cancellation);
        await cluster.WaitForAsync<V1Pod>("stranger", pod => pod.Spec!.NodeName == node);
        await cluster.ApplyAsync("small");
        var ready = await cluster.WaitAsync("small", "Ready", "True", "Ready");

        Assert.Equal($"{cluster.Namespace}-gpu-1", Assert.Single(ready.Status!.Groups!).Leader!.Node);
    }
}
