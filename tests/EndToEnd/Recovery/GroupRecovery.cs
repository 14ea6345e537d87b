using GpuStack.Simulator.Cluster.Nodes;

namespace GpuStack.EndToEnd.Recovery;

/// <summary>Groups of vLLM and SGLang over two nodes: whatever of a group ends, the group starts anew as one, and only that group.</summary>
[Collection(nameof(QuietCollection))]
public sealed class GroupRecovery
{
    private const string Native = "type: VLLM, distribution: Native";
    private const string Ray = "type: VLLM, rayHead: Dedicated";
    private const string Colocated = "type: VLLM, distribution: Ray";
    private const string Sglang = "type: SGLang";
    private const string Processors = """{name: cpu, count: 1, cpu: "32", memory: 64Gi, pods: 110}""";

    /// <summary>Stopping and the init containers, on nodes that have the images.</summary>
    private static readonly TimeSpan Replacing = TimeSpan.FromSeconds(10);

    /// <summary>The images of the helper and of the engine, on a node that has none.</summary>
    private static readonly TimeSpan Pulls = TimeSpan.FromMinutes(4);

    [Theory]
    [InlineData(Native, "m-0-0")]
    [InlineData(Native, "m-0-w0-0")]
    [InlineData(Colocated, "m-0-0")]
    [InlineData(Ray, "m-0-h-0")]
    [InlineData(Ray, "m-0-0")]
    [InlineData(Ray, "m-0-w0-0")]
    [InlineData(Sglang, "m-0-0")]
    [InlineData(Sglang, "m-0-w0-0")]
    public async Task A_group_whose_engine_crashes_in_one_pod_loads_anew_in_the_same_pods_and_the_other_group_serves_on(string engine, string pod)
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 4, others: Processors);
        await scene.BringUpServingAsync("m", engine, spec: "replicas: 2");
        var before = scene.Fingerprint("m");

        scene.Pods.CrashEngine(RecoveryScene.Namespace, pod, 1, "CUDA error: an illegal memory access was encountered");
        await scene.AdvanceAsync(TimeSpan.Zero);
        Assert.False(scene.IsPodReady("m-0-0"));
        var took = await UntilBackAsync(scene, RecoveryScene.Load + Replacing);

        Assert.InRange(took, RecoveryScene.Load, RecoveryScene.Load + Replacing);
        Assert.Equal(before, scene.Fingerprint("m"));
    }

    [Theory]
    [InlineData(Native, "m-0-0")]
    [InlineData(Native, "m-0-w0-0")]
    [InlineData(Ray, "m-0-h-0")]
    [InlineData(Ray, "m-0-w0-0")]
    [InlineData(Sglang, "m-0-w0-0")]
    public async Task A_group_whose_container_is_out_of_memory_in_one_pod_loads_anew_in_the_same_pods(string engine, string pod)
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 4, others: Processors);
        await scene.BringUpServingAsync("m", engine, spec: "replicas: 2");
        var before = scene.Fingerprint("m");

        scene.Pods.OomKill(RecoveryScene.Namespace, pod);
        await scene.AdvanceAsync(TimeSpan.Zero);
        await UntilBackAsync(scene, RecoveryScene.Load + TimeSpan.FromSeconds(20));

        Assert.Equal(before, scene.Fingerprint("m"));
        Assert.Equal(1, scene.RestartsOf(pod));
    }

    [Theory]
    [InlineData(Native)]
    [InlineData(Ray)]
    [InlineData(Sglang)]
    public async Task A_group_that_loses_a_members_node_has_other_pods_after_300_s_and_the_other_group_serves_on(string engine)
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 5, others: Processors);
        await scene.BringUpServingAsync("m", engine, spec: "replicas: 2");
        var (lost, leader) = (scene.NodeOf("m-0-w0-0"), scene.Pod("m-0-0")!.Uid);

        scene.Cluster.TakeNodeDown(lost, NodeFailure.PowerLost);
        await scene.AdvanceAsync(RecoveryScene.MonitorGrace + RecoveryScene.Toleration - TimeSpan.FromSeconds(2));
        Assert.Equal(leader, scene.Pod("m-0-0")!.Uid);
        await UntilBackAsync(scene, TimeSpan.FromSeconds(2) + Replacing + Pulls + RecoveryScene.Load + TimeSpan.FromSeconds(5));

        Assert.NotEqual(leader, scene.Pod("m-0-0")!.Uid);
        Assert.DoesNotContain(lost, new[] { scene.NodeOf("m-0-0"), scene.NodeOf("m-0-w0-0") });
    }

    [Fact]
    public async Task A_dedicated_head_whose_node_is_lost_starts_elsewhere_after_300_s_with_its_group()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 2, others: """{name: cpu, count: 2, cpu: "32", memory: 64Gi, pods: 110}""");
        await scene.BringUpServingAsync("m", Ray);
        var lost = scene.NodeOf("m-0-h-0");
        Assert.StartsWith("cpu-", lost, StringComparison.Ordinal);

        scene.Cluster.TakeNodeDown(lost, NodeFailure.PowerLost);
        await scene.AdvanceAsync(RecoveryScene.MonitorGrace + TimeSpan.FromSeconds(1));
        Assert.False(scene.IsReady("m"));
        await scene.UntilAsync("m", RecoveryScene.IsReady, RecoveryScene.Toleration + Replacing + Pulls + RecoveryScene.Load + TimeSpan.FromSeconds(10));

        Assert.NotEqual(lost, scene.NodeOf("m-0-h-0"));
    }

    /// <summary>Lets time pass until the first group is ready again; the second one must not be touched meanwhile.</summary>
    private static async Task<TimeSpan> UntilBackAsync(RecoveryScene scene, TimeSpan within)
    {
        var other = scene.Fingerprint("m", group: 1);
        return await scene.UntilAsync(
            "m",
            deployment =>
            {
                Assert.True(scene.IsPodReady("m-1-0") && scene.IsPodReady("m-1-w0-0"), "the other group does not serve");
                Assert.Equal(other, scene.Fingerprint("m", group: 1));
                return RecoveryScene.IsReady(deployment);
            },
            within);
    }
}
