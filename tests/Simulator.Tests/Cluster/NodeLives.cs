using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Cluster.Nodes;
using GpuStack.Simulator.Storage;
using GpuStack.Simulator.Tests.Timing;
using GpuStack.Simulator.Timing;

namespace GpuStack.Simulator.Tests.Cluster;

[Collection(nameof(QuietCollection))]
public sealed class NodeLives
{
    private static readonly KubeletBehaviour Real = new() { NodeMonitorGrace = TimeSpan.FromSeconds(50), TerminationTime = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task A_dead_nodes_pods_are_evicted_after_300_s_and_stay_until_they_are_forced_away()
    {
        await using var cluster = new VirtualCluster(Real);
        Set(cluster);
        await cluster.UntilAsync(() => cluster.IsReady("ss-0"));
        var uid = cluster.Pod("ss-0")!.Uid;

        cluster.Plane.TakeNodeDown("a");
        Assert.Equal(50, await cluster.UntilAsync(() => NodeReady(cluster) == "Unknown"));
        await cluster.AdvanceAsync();
        Assert.Equal("False", RunningCluster.Condition(cluster.Pod("ss-0")!, "Ready"));
        Assert.Equal(300, await cluster.UntilAsync(() => cluster.Pod("ss-0")!.IsBeingDeleted));
        Assert.Equal("DeletionByTaintManager", RunningCluster.Conditions(cluster.Pod("ss-0")!, "DisruptionTarget")!["reason"].AsText());
        await cluster.AdvanceAsync(3600);
        Assert.Equal(uid, cluster.Pod("ss-0")!.Uid);

        cluster.Store.Delete(BuiltInResources.Pods, "default", "ss-0", new StoreDeleteOptions { GracePeriodSeconds = 0 });
        await cluster.AdvanceAsync();
        Assert.NotEqual(uid, cluster.Pod("ss-0")!.Uid);
        Assert.Equal("Unschedulable", RunningCluster.Conditions(cluster.Pod("ss-0")!, "PodScheduled")!["reason"].AsText());
    }

    [Fact]
    public async Task A_node_that_is_silent_for_a_moment_is_not_even_NotReady()
    {
        await using var cluster = new VirtualCluster(Real);
        Set(cluster);
        await cluster.UntilAsync(() => cluster.IsReady("ss-0"));
        var version = cluster.Pod("ss-0")!.ResourceVersion;

        cluster.Plane.TakeNodeDown("a", NodeFailure.KubeletSilent);
        await cluster.AdvanceAsync(49);
        cluster.Plane.BringNodeUp("a");
        await cluster.AdvanceAsync(1000);

        Assert.Equal("True", NodeReady(cluster));
        Assert.Equal(version, cluster.Pod("ss-0")!.ResourceVersion);
    }

    [Fact]
    public async Task A_node_that_returns_before_300_s_keeps_its_pods_and_starts_their_containers_anew()
    {
        await using var cluster = new VirtualCluster(Real);
        Set(cluster);
        await cluster.UntilAsync(() => cluster.IsReady("ss-0"));
        var uid = cluster.Pod("ss-0")!.Uid;

        cluster.Plane.TakeNodeDown("a");
        await cluster.AdvanceAsync(200);
        cluster.Plane.BringNodeUp("a");
        await cluster.AdvanceAsync(1000);

        Assert.Equal(uid, cluster.Pod("ss-0")!.Uid);
        Assert.True(cluster.IsReady("ss-0"));
        Assert.Equal((1L, 255L), (
            cluster.Container("ss-0")["restartCount"].AsLong(), cluster.Container("ss-0")["lastState"]!["terminated"]!["exitCode"].AsLong()));
        Assert.Null(cluster.Store.Get(BuiltInResources.Nodes, null, "a")!.Body["spec"]?["taints"]);
    }

    [Fact]
    public async Task A_node_that_returns_ends_the_pods_that_were_deleted_meanwhile()
    {
        await using var cluster = new VirtualCluster(Real, "a", "b");
        await cluster.AdvanceAsync();
        Set(cluster);
        await cluster.UntilAsync(() => cluster.IsReady("ss-0"));
        var node = RunningCluster.NodeOf(cluster.Pod("ss-0")!)!;
        cluster.Plane.TakeNodeDown(node);
        await cluster.UntilAsync(() => cluster.Pod("ss-0")!.IsBeingDeleted);

        cluster.Plane.BringNodeUp(node);
        Assert.Equal(2, await cluster.UntilAsync(() => !cluster.Pod("ss-0")!.IsBeingDeleted));

        await cluster.AdvanceAsync();
        Assert.True(cluster.IsReady("ss-0"));
    }

    [Fact]
    public async Task A_node_that_returns_lets_a_pod_that_had_failed_before_be_ended()
    {
        await using var cluster = new VirtualCluster(Real);
        Set(cluster);
        await cluster.UntilAsync(() => cluster.IsReady("ss-0"));
        var uid = cluster.Pod("ss-0")!.Uid;
        cluster.Plane.TakeNodeDown("a");
        cluster.Pods.EvictForPressure("default", "ss-0");
        await cluster.AdvanceAsync();
        cluster.Store.Delete(BuiltInResources.Pods, "default", "ss-0", new StoreDeleteOptions());
        await cluster.AdvanceAsync(10);

        cluster.Plane.BringNodeUp("a");

        await cluster.UntilAsync(() => cluster.Pod("ss-0") is { } pod && pod.Uid != uid && cluster.IsReady("ss-0"));
    }

    [Fact]
    public async Task A_GPU_that_somebody_takes_first_leaves_the_pod_unschedulable()
    {
        await using var cluster = new VirtualCluster(Real, "a", "b", "c");
        cluster.Pods.RunForeignPod("kube-system", "stranger", "a", 1);
        await cluster.AdvanceAsync();
        Assert.Equal("Running", cluster.Store.Get(BuiltInResources.Pods, "kube-system", "stranger")!.Body["status"]!["phase"].AsText());

        cluster.AddPod("p", """
            {"containers":[{"name":"engine","image":"x","resources":{"limits":{"nvidia.com/gpu":"1"}}}],
             "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["a"]}]}]}}}}
            """);
        await cluster.AdvanceAsync(100);

        Assert.Equal(
            "0/3 nodes are available: 1 Insufficient nvidia.com/gpu, 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, "
            + "preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
            RunningCluster.Conditions(cluster.Pod("p")!, "PodScheduled")!["message"].AsText());
        cluster.Store.Delete(BuiltInResources.Pods, "kube-system", "stranger");
        Assert.Equal(2, await cluster.UntilAsync(() => cluster.IsReady("p")));
    }

    [Fact]
    public async Task The_pod_network_answers_refuses_and_falls_silent()
    {
        var clock = new VirtualClock();
        var cancellation = TestContext.Current.CancellationToken;
        await using var cluster = await SimulatedCluster.StartAsync(new SimulatedClusterOptions { TimeProvider = clock }, cancellation);
        cluster.Store.Create(BuiltInResources.Nodes, RunningCluster.Json("""{"metadata":{"name":"a"},"spec":{},"status":{"allocatable":{"cpu":"4","pods":"9"}}}"""));
        cluster.Store.Create(BuiltInResources.Pods, RunningCluster.Json("""
            {"metadata":{"name":"p","namespace":"default"},"spec":{"containers":[{"name":"engine","image":"x","command":["gpustack-operator","supervise","--role","Leader","--","x"]}]}}
            """));
        await clock.SettleAsync(cancellation);
        using var http = new HttpClient();
        Uri Status(string pod) => new(cluster.SupervisorUrl.Replace("{namespace}", "default", StringComparison.Ordinal).Replace("{name}", pod, StringComparison.Ordinal));

        var answer = JsonNode.Parse(await http.GetStringAsync(Status("p"), cancellation))!;
        Assert.Equal(("Running", true, 0L), (answer["state"].AsText(), answer["engine"]!["running"].AsBool(), answer["engine"]!["restarts"].AsLong()));
        Assert.Equal("2026-01-01T00:00:00.000000Z", answer["engine"]!["startTime"].AsText());
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(Status("other"), cancellation));
        cluster.TakeNodeDown("a");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), clock);
        var silence = http.GetStringAsync(Status("p"), patience.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => clock.UntilAsync(silence, TimeSpan.FromMinutes(1), cancellation));
        Assert.Equal(TimeSpan.FromSeconds(30), clock.Elapsed);
    }

    private static string? NodeReady(VirtualCluster cluster) =>
        RunningCluster.Condition(cluster.Store.Get(BuiltInResources.Nodes, null, "a")!, "Ready");

    /// <summary>One pod with the tolerations that the API server adds.</summary>
    private static void Set(VirtualCluster cluster) => cluster.Store.Create(BuiltInResources.StatefulSets, RunningCluster.Json("""
        {"metadata":{"name":"ss","namespace":"default"},"spec":{"serviceName":"ss","replicas":1,"selector":{"matchLabels":{"app":"ss"}},
         "template":{"metadata":{"labels":{"app":"ss"}},"spec":{"containers":[{"name":"c","image":"x:1"}]}}}}
        """));
}
