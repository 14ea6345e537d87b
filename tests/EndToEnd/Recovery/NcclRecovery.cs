using System.Text.Json.Nodes;
using GpuStack.Entities.V1Alpha1.Status;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Recovery;

/// <summary>NCCL's ladder from an engine's last words to the pods that work with less.</summary>
[Collection(nameof(QuietCollection))]
public sealed class NcclRecovery
{
    private const string Leader = "m-0-0";
    private const string Member = "m-0-w0-0";
    private const string Words = "torch.distributed.DistBackendError: NCCL error in: ProcessGroupNCCL.cpp:3356, unhandled cuda error";

    /// <summary>From an answer of a supervisor to the next, at most.</summary>
    private static readonly TimeSpan Asking = TimeSpan.FromSeconds(31);

    /// <summary>Until the old pods are gone and the new ones have begun.</summary>
    private static readonly TimeSpan Replacing = TimeSpan.FromSeconds(40);

    private static (string, string) PeerToPeerOff => ("NCCL_P2P_DISABLE", "1");

    [Fact]
    public async Task A_group_whose_NCCL_fails_with_peer_to_peer_comes_up_without_it()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 2);
        scene.Pods.NcclFailure(RecoveryScene.Namespace, Member, Words, PeerToPeerOff);

        await scene.ApplyServingAsync("m", "type: VLLM");
        await scene.UntilAsync("m", d => Group(d) is { NcclFallback: not null }, RecoveryScene.Startup);
        Assert.Contains(Words, Assert.Single(scene.Events("m", "NcclFallback")), StringComparison.Ordinal);
        var took = await scene.UntilAsync("m", RecoveryScene.IsReady, RecoveryScene.Load + Replacing);

        Assert.InRange(took, RecoveryScene.Load, RecoveryScene.Load + Replacing);
        Assert.Equal("PeerToPeerOff", Group(scene.Deployment("m")!).NcclFallback);
        Assert.Equal("1", Group(scene.Deployment("m")!).Environment!["NCCL_P2P_DISABLE"]);
        Assert.All(new[] { Leader, Member }, pod => Assert.Equal("1", Variable(scene, pod, "NCCL_P2P_DISABLE")));
        var before = scene.Fingerprint("m");
        await scene.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal(before, scene.Fingerprint("m"));
        Assert.Single(scene.Events("m", "NcclFallback"));
    }

    [Fact]
    public async Task A_group_that_hangs_with_its_weights_loaded_is_helped_after_5_minutes()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 2);
        scene.Pods.NcclHang(RecoveryScene.Namespace, Leader, PeerToPeerOff);
        await scene.ApplyServingAsync("m", "type: VLLM");
        await scene.UntilAsync(() => scene.IsPodReady(Member), RecoveryScene.Startup);

        var took = await scene.UntilAsync("m", d => Group(d) is { NcclFallback: not null }, TimeSpan.FromMinutes(10));
        await scene.UntilAsync("m", RecoveryScene.IsReady, RecoveryScene.Load + Replacing);

        Assert.InRange(took, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5) + Asking);
        Assert.Contains("5 minutes", Assert.Single(scene.Events("m", "NcclFallback")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_whose_NCCL_fails_whatever_is_turned_off_is_Stalled_and_comes_back_when_it_works()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 2);
        foreach (var node in new[] { "gpu-0", "gpu-1" })
            scene.Cluster.Store.Modify(BuiltInResources.Nodes, null, node, n => n["status"]!["allocatable"]!["rdma/hca"] = "8");
        scene.Pods.NcclFailure(RecoveryScene.Namespace, Leader, Words);
        await scene.ApplyServingAsync("m", "type: VLLM");

        foreach (var step in new[] { "PeerToPeerOff", "InfiniBandOff", "Debug" })
            await scene.UntilAsync("m", d => Group(d)?.NcclFallback == step, RecoveryScene.Startup);
        await scene.UntilAsync("m", d => RecoveryScene.Has(d, "Stalled", "True", "NcclFailing") && RecoveryScene.Has(d, "Ready", "False", "NcclFailing"), RecoveryScene.Load + Replacing);
        await scene.UntilAsync(() => Variable(scene, Leader, "NCCL_DEBUG") == "INFO" && Variable(scene, Leader, "NCCL_IB_DISABLE") == "1", Replacing);
        await scene.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.True(RecoveryScene.Has(scene.Deployment("m")!, "Stalled", "True", "NcclFailing"));
        Assert.Contains(Words, scene.Condition("m", "Stalled")!.Message, StringComparison.Ordinal);
        var before = scene.Fingerprint("m");
        scene.Pods.HealNccl(RecoveryScene.Namespace, Leader);
        await scene.UntilAsync("m", d => RecoveryScene.IsReady(d) && RecoveryScene.Has(d, "Stalled", "False"), TimeSpan.FromMinutes(10) + RecoveryScene.Load);
        Assert.Equal(before, scene.Fingerprint("m"));
    }

    [Fact]
    public async Task Another_spec_begins_with_nothing_turned_off()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 2);
        scene.Pods.NcclFailure(RecoveryScene.Namespace, Member, Words, PeerToPeerOff);
        await scene.BringUpServingAsync("m", "type: VLLM");
        Assert.NotNull(Group(scene.Deployment("m")!).NcclFallback);

        scene.Pods.HealNccl(RecoveryScene.Namespace, Member);
        await scene.BringUpServingAsync("m", "type: VLLM, env: [{name: VLLM_LOGGING_LEVEL, value: DEBUG}]");

        Assert.Null(Group(scene.Deployment("m")!).NcclFallback);
        Assert.Null(Variable(scene, Leader, "NCCL_P2P_DISABLE"));
    }

    [Fact]
    public async Task A_rank_that_was_killed_turns_nothing_off()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 2);
        await scene.BringUpServingAsync("m", "type: VLLM");
        var before = scene.Fingerprint("m");

        // The leader's words tell of the rank that is gone.
        scene.Pods.KillEngine(RecoveryScene.Namespace, Member);
        scene.Pods.NcclFailure(RecoveryScene.Namespace, Leader, Words);
        await scene.AdvanceAsync(TimeSpan.FromSeconds(30));
        scene.Pods.HealNccl(RecoveryScene.Namespace, Leader);
        await scene.UntilAsync("m", RecoveryScene.IsReady, RecoveryScene.Load + TimeSpan.FromSeconds(30));

        Assert.Equal(before, scene.Fingerprint("m"));
        Assert.Empty(scene.Events("m", "NcclFallback"));
        Assert.Null(Group(scene.Deployment("m")!).NcclFallback);
    }

    private static GroupStatus Group(Entities.V1Alpha1.ModelDeployment deployment) => deployment.Status?.Groups is [var only] ? only : new GroupStatus();

    private static string? Variable(RecoveryScene scene, string pod, string name) =>
        (scene.Pod(pod)?.Body["spec"]?["containers"]?[0]?["env"] as JsonArray)?.FirstOrDefault(variable => variable?["name"].AsText() == name)?["value"].AsText();
}
