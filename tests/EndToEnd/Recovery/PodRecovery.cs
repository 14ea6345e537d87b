using System.Net;
using System.Net.Http.Json;
using GpuStack.Simulator.Storage;

namespace GpuStack.EndToEnd.Recovery;

/// <summary>Pods that are evicted, cannot be scheduled, or wait for their image.</summary>
[Collection(nameof(QuietCollection))]
public sealed class PodRecovery
{
    [Fact]
    public async Task An_evicted_pod_comes_back_on_its_node_with_its_plan()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 2);
        await scene.BringUpAsync("small");
        var plan = Assert.Single(scene.Deployment("small")!.Status!.Groups!).PlanHash;
        var (node, uid) = (scene.NodeOf("small-0-0"), scene.Pod("small-0-0")!.Uid);

        Assert.Equal(HttpStatusCode.Created, await EvictAsync(scene, "small-0-0"));
        await scene.UntilAsync(() => scene.Pod("small-0-0") is { } pod && pod.Uid != uid, TimeSpan.FromMinutes(1));
        await scene.UntilAsync("small", RecoveryScene.IsReady, RecoveryScene.Startup);

        Assert.Equal((node, plan), (scene.NodeOf("small-0-0"), Assert.Single(scene.Deployment("small")!.Status!.Groups!).PlanHash));
    }

    [Fact]
    public async Task One_pod_of_a_deployment_is_evicted_at_a_time()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 3);
        await scene.BringUpAsync("small", "replicas: 2");
        await scene.AdvanceAsync(TimeSpan.Zero);

        Assert.Equal(HttpStatusCode.Created, await EvictAsync(scene, "small-0-0"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await EvictAsync(scene, "small-1-0"));

        await scene.AdvanceAsync(TimeSpan.FromSeconds(10));
        await scene.UntilAsync("small", RecoveryScene.IsReady, RecoveryScene.Startup);
        await scene.AdvanceAsync(TimeSpan.Zero);
        Assert.Equal(HttpStatusCode.Created, await EvictAsync(scene, "small-1-0"));
    }

    [Fact]
    public async Task A_group_whose_GPU_somebody_else_took_moves_after_60_s()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 3);
        await scene.BringUpAsync("small");
        var home = scene.NodeOf("small-0-0");

        // The stranger comes first: a pod that is deleted is made again and scheduled at once.
        scene.Pods.RunForeignPod("kube-system", "stranger", home, gpus: 1);
        scene.Cluster.Store.Delete(BuiltInResources.Pods, RecoveryScene.Namespace, "small-0-0", new StoreDeleteOptions { GracePeriodSeconds = 0 });
        await scene.AdvanceAsync(TimeSpan.FromSeconds(58));
        Assert.Equal("", scene.NodeOf("small-0-0"));
        await scene.UntilAsync(() => scene.NodeOf("small-0-0") is { Length: > 0 } node && node != home, TimeSpan.FromSeconds(30));

        await scene.UntilAsync("small", RecoveryScene.IsReady, RecoveryScene.Startup);
    }

    [Fact]
    public async Task An_image_that_cannot_be_pulled_for_an_hour_is_no_failure()
    {
        await using var scene = await RecoveryScene.StartAsync(nodes: 3);
        await scene.ApplyAsync("small", "engine: {image: registry.example.com/llama:broken}");
        scene.Pods.FailImagePull("registry.example.com/llama:broken");
        await scene.UntilAsync(() => scene.Pod("small-0-0") is not null, TimeSpan.FromMinutes(5));
        await scene.AdvanceAsync(TimeSpan.FromMinutes(10));
        var before = scene.Fingerprint("small");

        await scene.AdvanceAsync(TimeSpan.FromHours(1));
        var waiting = scene.Deployment("small")!;

        Assert.Equal(before, scene.Fingerprint("small"));
        Assert.False(RecoveryScene.IsReady(waiting));
        Assert.DoesNotContain(waiting.Status!.Conditions!, condition => condition is { Type: "Stalled", Status: "True" });
        scene.Pods.RestoreImage("registry.example.com/llama:broken");
        await scene.UntilAsync("small", RecoveryScene.IsReady, RecoveryScene.Startup);
        Assert.Equal(before, scene.Fingerprint("small"));
    }

    private static async Task<HttpStatusCode> EvictAsync(RecoveryScene scene, string pod)
    {
        using var http = new HttpClient { BaseAddress = scene.Cluster.ApiServerUrl };
        using var answer = await http.PostAsJsonAsync(
            $"/api/v1/namespaces/{RecoveryScene.Namespace}/pods/{pod}/eviction",
            new { apiVersion = "policy/v1", kind = "Eviction", metadata = new { name = pod, @namespace = RecoveryScene.Namespace } },
            TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
