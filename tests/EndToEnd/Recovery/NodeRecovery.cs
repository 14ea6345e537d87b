using GpuStack.Simulator.Cluster.Nodes;

namespace GpuStack.EndToEnd.Recovery;

/// <summary>Nodes that are lost, flap, or are drained.</summary>
[Collection(nameof(QuietCollection))]
public sealed class NodeRecovery
{
    [Fact]
    public async Task A_lost_nodes_group_moves_after_300_s_and_no_other_does()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 5);
        await scene.BringUpAsync("small", "replicas: 2");
        var lost = scene.NodeOf("small-0-0");
        var other = scene.Fingerprint("small", group: 1);
        var uid = scene.Pod("small-0-0")!.Uid;

        scene.Cluster.TakeNodeDown(lost);
        await scene.AdvanceAsync(RecoveryScene.MonitorGrace + RecoveryScene.Toleration - TimeSpan.FromSeconds(2));
        Assert.Equal(uid, scene.Pod("small-0-0")!.Uid);
        var moved = await scene.UntilAsync(() => scene.NodeOf("small-0-0") is { Length: > 0 } node && node != lost, TimeSpan.FromMinutes(1));
        await scene.UntilAsync("small", RecoveryScene.IsReady, RecoveryScene.Startup);

        Assert.InRange(moved, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        Assert.Equal(other, scene.Fingerprint("small", group: 1));
        await scene.AdvanceAsync(TimeSpan.FromHours(1));
        var settled = scene.Fingerprint("small");
        scene.Cluster.BringNodeUp(lost);
        await scene.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(settled, scene.Fingerprint("small"));
    }

    [Theory]
    [InlineData(NodeFailure.KubeletSilent, 45)]
    [InlineData(NodeFailure.KubeletSilent, 200)]
    [InlineData(NodeFailure.PowerLost, 200)]
    public async Task A_node_that_comes_back_in_time_keeps_its_group(NodeFailure failure, int seconds)
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 4);
        await scene.BringUpAsync("small");
        var before = scene.Fingerprint("small");

        for (var i = 0; i < 3; i++)
        {
            scene.Cluster.TakeNodeDown(scene.NodeOf("small-0-0"), failure);
            await scene.AdvanceAsync(TimeSpan.FromSeconds(seconds));
            scene.Cluster.BringNodeUp(scene.NodeOf("small-0-0"));
            await scene.AdvanceAsync(TimeSpan.FromSeconds(seconds));
        }

        await scene.UntilAsync("small", RecoveryScene.IsReady, RecoveryScene.Load + TimeSpan.FromMinutes(6));
        Assert.Equal(before, scene.Fingerprint("small"));
    }

    [Fact]
    public async Task While_more_than_half_of_the_nodes_are_NotReady_nothing_moves()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 5);
        await scene.BringUpAsync("small");
        var plan = Assert.Single(scene.Deployment("small")!.Status!.Groups!).PlanHash;
        var home = scene.NodeOf("small-0-0");
        string[] down = [.. Enumerable.Range(0, 5).Select(i => $"gpu-{i}").OrderBy(node => node == home ? 0 : 1).Take(3)];

        foreach (var node in down)
            scene.Cluster.TakeNodeDown(node);
        await scene.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal(plan, Assert.Single(scene.Deployment("small")!.Status!.Groups!).PlanHash);
        Assert.Equal(home, scene.NodeOf("small-0-0"));
        foreach (var node in down)
            scene.Cluster.BringNodeUp(node);
        await scene.UntilAsync("small", RecoveryScene.IsReady, RecoveryScene.Startup);
        Assert.Equal(home, scene.NodeOf("small-0-0"));
        Assert.Equal(plan, Assert.Single(scene.Deployment("small")!.Status!.Groups!).PlanHash);
    }

    [Fact]
    public async Task A_drained_nodes_group_moves_once_its_pod_is_unschedulable_for_60_s()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 3);
        await scene.BringUpAsync("small", "replicas: 2");
        var drained = scene.NodeOf("small-0-0");
        var other = scene.Fingerprint("small", group: 1);

        scene.Cluster.Drain(drained);
        await scene.AdvanceAsync(TimeSpan.FromSeconds(50));
        Assert.True(scene.Cluster.IsEmpty(drained));
        await scene.UntilAsync(() => scene.NodeOf("small-0-0") is { Length: > 0 } node && node != drained, TimeSpan.FromSeconds(30));
        await scene.UntilAsync("small", RecoveryScene.IsReady, RecoveryScene.Startup);

        Assert.Equal(other, scene.Fingerprint("small", group: 1));
    }

    [Fact]
    public async Task A_removed_nodes_group_moves()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 3);
        await scene.BringUpAsync("small");
        var home = scene.NodeOf("small-0-0");

        scene.Cluster.RemoveNode(home);
        await scene.UntilAsync("small", deployment => RecoveryScene.IsReady(deployment) && scene.NodeOf("small-0-0") != home, RecoveryScene.Startup);

        Assert.NotEqual(home, Assert.Single(scene.Deployment("small")!.Status!.Groups!).Leader!.Node);
    }
}
