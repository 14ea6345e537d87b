namespace GpuStack.EndToEnd.Recovery;

/// <summary>Engines that end or hang: the group serves again in the same pods.</summary>
[Collection(nameof(QuietCollection))]
public sealed class EngineRecovery
{
    [Theory]
    [InlineData("large-0-w0-0")]
    [InlineData("large-0-0")]
    public async Task A_crashed_engine_is_started_again_where_it_was(string pod)
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 3, "NVIDIA-GeForce-RTX-4090", "24564Mi");
        await scene.BringUpGroupAsync("large");
        var before = scene.Fingerprint("large");

        scene.Pods.CrashEngine(RecoveryScene.Namespace, pod, 1, "CUDA error: an illegal memory access was encountered");
        await scene.AdvanceAsync(TimeSpan.Zero);
        Assert.False(scene.IsPodReady("large-0-0"));
        Assert.False(scene.IsReady("large"));
        var took = await scene.UntilAsync("large", RecoveryScene.IsReady, TimeSpan.FromMinutes(10));

        Assert.InRange(took, RecoveryScene.Load, RecoveryScene.Load + TimeSpan.FromSeconds(5));
        Assert.Equal(before, scene.Fingerprint("large"));
        Assert.Equal(0, scene.RestartsOf(pod));
    }

    [Fact]
    public async Task A_frozen_leader_is_killed_after_its_stuck_time_and_serves_again()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 3, "NVIDIA-GeForce-RTX-4090", "24564Mi");
        await scene.BringUpGroupAsync("large");
        var before = scene.Fingerprint("large");

        scene.Pods.FreezeEngine(RecoveryScene.Namespace, "large-0-0");
        var noticed = await scene.UntilAsync("large", deployment => !RecoveryScene.IsReady(deployment), TimeSpan.FromMinutes(10));
        await scene.UntilAsync("large", RecoveryScene.IsReady, TimeSpan.FromMinutes(10));

        Assert.InRange(noticed, TimeSpan.FromSeconds(120), TimeSpan.FromMinutes(3));
        Assert.Equal(before, scene.Fingerprint("large"));
    }

    [Fact]
    public async Task A_container_that_crashes_again_and_again_moves_nothing()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 2);
        await scene.BringUpAsync("small");
        var before = scene.Fingerprint("small");
        var end = scene.Clock.GetUtcNow() + TimeSpan.FromHours(1);

        while (scene.Clock.GetUtcNow() < end)
        {
            scene.Pods.CrashContainers(RecoveryScene.Namespace, "small-0-0", 139, "Segmentation fault");
            await scene.AdvanceAsync(TimeSpan.FromSeconds(1));
            await scene.UntilAsync(() => scene.Pod("small-0-0")!.Body["status"]!["containerStatuses"]![0]!["state"]!["running"] is not null, TimeSpan.FromMinutes(6));
        }

        // The kubelet's back-off bounds it: 1, 10, 20, 40, 80, 160 s, then every five minutes.
        Assert.InRange(scene.RestartsOf("small-0-0"), 12, 18);
        Assert.Equal(before, scene.Fingerprint("small"));
        await scene.UntilAsync("small", RecoveryScene.IsReady, TimeSpan.FromMinutes(15));
        Assert.Equal(before, scene.Fingerprint("small"));
    }

    [Fact]
    public async Task An_engine_that_fails_six_times_an_hour_is_said_to_fail_and_tried_every_ten_minutes()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 2);
        await scene.BringUpAsync("small");
        var before = scene.Fingerprint("small");

        for (var i = 0; i < 6; i++)
        {
            await scene.UntilAsync(() => scene.IsPodReady("small-0-0"), TimeSpan.FromMinutes(10));
            scene.Pods.CrashEngine(RecoveryScene.Namespace, "small-0-0", 1, "CUDA error: out of memory");
            await scene.AdvanceAsync(TimeSpan.Zero);
        }
        await scene.UntilAsync(
            "small",
            deployment => deployment.Status!.Conditions!.Exists(condition => condition is { Type: "Stalled", Status: "True" } && condition.Message!.Contains("CUDA error: out of memory", StringComparison.Ordinal)),
            TimeSpan.FromMinutes(1));
        Assert.Equal(before, scene.Fingerprint("small"));
        var back = await scene.UntilAsync("small", RecoveryScene.IsReady, TimeSpan.FromMinutes(20));

        Assert.InRange(back, TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15.5));
        Assert.Contains(scene.Deployment("small")!.Status!.Conditions!, condition => condition is { Type: "Stalled", Status: "False" });
        Assert.Equal(before, scene.Fingerprint("small"));
    }
}
