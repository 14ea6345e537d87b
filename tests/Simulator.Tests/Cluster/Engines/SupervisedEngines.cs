using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Engines;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Cluster.Nodes;
using GpuStack.Simulator.Storage;
using GpuStack.Simulator.Tests.Timing;

namespace GpuStack.Simulator.Tests.Cluster.Engines;

[Collection(nameof(QuietCollection))]
public sealed class SupervisedEngines
{
    private const string Leader = "--role Leader --worker w-0.g.default.svc:50052=1 --worker w-1.g:50052";
    private static readonly KubeletBehaviour Loading = new() { StartTime = TimeSpan.FromSeconds(100) };

    [Fact]
    public async Task An_engine_restarts_inside_its_container()
    {
        await using var cluster = new VirtualCluster(Loading);
        cluster.AddEngine("p", "--role Leader");
        Assert.Equal(100, await cluster.UntilAsync(() => cluster.IsReady("p")));
        var first = Engine(cluster, "p")["startTime"].AsText();

        cluster.Pods.CrashEngine("default", "p", 7, "CUDA error");
        await cluster.AdvanceAsync();

        Assert.False(cluster.IsReady("p"));
        Assert.Equal("BackingOff", Json(cluster, "p")["state"].AsText());
        Assert.Equal((7L, "CUDA error"), (Engine(cluster, "p")["lastExit"]!["code"].AsLong(), Engine(cluster, "p")["lastExit"]!["reason"].AsText()));
        Assert.Equal(101, await cluster.UntilAsync(() => cluster.IsReady("p")));
        Assert.Equal(0, cluster.Container("p")["restartCount"].AsLong());
        Assert.Equal(1, Engine(cluster, "p")["restarts"].AsLong());
        Assert.NotEqual(first, Engine(cluster, "p")["startTime"].AsText());
    }

    [Fact]
    public async Task After_five_failures_an_hour_it_is_tried_every_ten_minutes()
    {
        await using var cluster = new VirtualCluster();
        cluster.AddEngine("p", "--role Leader");
        List<double> waits = [];
        for (var i = 0; i < 8; i++)
        {
            await cluster.UntilAsync(() => cluster.IsReady("p"));
            cluster.Pods.KillEngine("default", "p");
            await cluster.AdvanceAsync();
            Assert.Equal(i < 5 ? "BackingOff" : "Stalled", Json(cluster, "p")["state"].AsText());
            waits.Add(await cluster.UntilAsync(() => cluster.IsReady("p")));
        }

        Assert.Equal([1, 2, 4, 8, 16, 600, 600, 600], waits);
        await cluster.AdvanceAsync(3600);
        cluster.Pods.KillEngine("default", "p");
        Assert.Equal(1, await cluster.UntilAsync(() => Engine(cluster, "p")["restarts"].AsLong() == 9));
    }

    [Fact]
    public async Task A_frozen_engine_looks_ready_until_its_supervisor_kills_it()
    {
        await using var cluster = new VirtualCluster(Loading);
        cluster.AddEngine("p", "--role Leader --stuck-after 90s");
        await cluster.UntilAsync(() => cluster.IsReady("p"));

        cluster.Pods.FreezeEngine("default", "p");
        Assert.Equal(90, await cluster.UntilAsync(() => !cluster.IsReady("p")));

        Assert.Equal("Stuck", Json(cluster, "p")["state"].AsText());
        Assert.Equal(106, await cluster.UntilAsync(() => cluster.IsReady("p")));
        Assert.Equal(9, Engine(cluster, "p")["lastExit"]!["signal"].AsLong());
    }

    [Fact]
    public async Task An_engine_that_freezes_while_it_loads_is_killed_by_its_supervisor()
    {
        await using var cluster = new VirtualCluster(Loading);
        cluster.AddEngine("p", "--role Leader --stuck-after 90s");
        await cluster.AdvanceAsync(0);
        Assert.Equal("Starting", Json(cluster, "p")["state"].AsText());

        cluster.Pods.FreezeEngine("default", "p");
        Assert.Equal(90, await cluster.UntilAsync(() => Json(cluster, "p")["state"].AsText() == "Stuck"));
        await cluster.UntilAsync(() => cluster.IsReady("p"));
        Assert.Equal(9, Engine(cluster, "p")["lastExit"]!["signal"].AsLong());
    }

    [Fact]
    public async Task A_llama_cpp_leader_waits_for_its_workers_and_follows_their_restarts()
    {
        await using var cluster = new VirtualCluster(Loading, "a", "b", "c");
        cluster.AddEngine("l-0", Leader);
        cluster.AddEngine("w-0", "--role Worker");
        await cluster.AdvanceAsync(50);
        Assert.Equal(("Waiting", "waiting for w-1"), (Json(cluster, "l-0")["state"].AsText(), Json(cluster, "l-0")["message"].AsText()));
        cluster.AddEngine("w-1", "--role Worker");
        Assert.Equal(100, await cluster.UntilAsync(() => cluster.IsReady("l-0")));

        cluster.Pods.KillEngine("default", "w-1");
        await cluster.AdvanceAsync();
        Assert.Null(Engine(cluster, "l-0")["startTime"]);
        Assert.Equal(101, await cluster.UntilAsync(() => cluster.IsReady("l-0")));

        Assert.Equal((1L, 1L, 0L), (Restarts(cluster, "l-0"), Restarts(cluster, "w-1"), Restarts(cluster, "w-0")));
    }

    [Fact]
    public async Task A_silent_worker_has_ten_seconds()
    {
        await using var cluster = new VirtualCluster(Loading, "a", "b", "c");
        await cluster.AdvanceAsync();
        foreach (var (name, options) in new[] { ("l-0", Leader), ("w-0", "--role Worker"), ("w-1", "--role Worker") })
            cluster.AddEngine(name, options);
        await cluster.UntilAsync(() => cluster.IsReady("l-0"));
        var node = RunningCluster.NodeOf(cluster.Pod("w-1")!)!;

        cluster.Plane.TakeNodeDown(node, NodeFailure.KubeletSilent);
        await cluster.AdvanceAsync(60);
        Assert.True(cluster.IsReady("l-0"));
        cluster.Plane.BringNodeUp(node);
        await cluster.AdvanceAsync();
        cluster.Plane.TakeNodeDown(node);
        await cluster.AdvanceAsync(9);
        Assert.True(cluster.IsReady("l-0"));
        await cluster.AdvanceAsync(1);
        Assert.Equal(("Waiting", "waiting for w-1"), (Json(cluster, "l-0")["state"].AsText(), Json(cluster, "l-0")["message"].AsText()));
        cluster.Plane.BringNodeUp(node);

        Assert.Equal(100, await cluster.UntilAsync(() => cluster.IsReady("l-0") && cluster.IsReady("w-1")));
        Assert.Equal(1, cluster.Container("w-1")["restartCount"].AsLong());
    }

    [Theory]
    [InlineData("h-0")]
    [InlineData("f-1")]
    public async Task A_group_restarts_as_one(string victim)
    {
        await using var cluster = new VirtualCluster(Loading, "a", "b", "c");
        cluster.AddEngine("h-0", "--role Leader --follower f-0.g --follower f-1.g");
        cluster.AddEngine("f-0", "--role Worker --coordinator h-0.g");
        cluster.AddEngine("f-1", "--role Worker --coordinator h-0.g");
        await cluster.UntilAsync(() => cluster.IsReady("h-0") && cluster.IsReady("f-0") && cluster.IsReady("f-1"));
        Assert.Equal(Engine(cluster, "h-0")["startTime"].AsText(), Json(cluster, "f-1")["epoch"].AsText());

        cluster.Pods.CrashEngine("default", victim);
        await cluster.AdvanceAsync(0.5);
        Assert.False(cluster.IsReady("h-0") || cluster.IsReady("f-0") || cluster.IsReady("f-1"));
        await cluster.UntilAsync(() => cluster.IsReady("h-0"), 300);

        Assert.All(["h-0", "f-0", "f-1"], pod => Assert.True(cluster.IsReady(pod) && Restarts(cluster, pod) >= 1, pod));
        Assert.All(["f-0", "f-1"], pod => Assert.Equal(Engine(cluster, "h-0")["startTime"].AsText(), Json(cluster, pod)["epoch"].AsText()));
    }

    [Fact]
    public async Task A_coordinator_counts_the_ends_of_its_group_and_backs_off_for_all()
    {
        await using var cluster = new VirtualCluster(Loading, "a", "b");
        cluster.AddEngine("h-0", "--role Leader --follower f-0.g");
        cluster.AddEngine("f-0", "--role Worker --coordinator h-0.g");

        foreach (var state in new[] { "BackingOff", "BackingOff", "BackingOff", "BackingOff", "BackingOff", "Stalled" })
        {
            await cluster.UntilAsync(() => cluster.IsReady("h-0") && cluster.IsReady("f-0"), 300);
            cluster.Pods.CrashEngine("default", "f-0");
            await cluster.AdvanceAsync(0.5);
            Assert.Equal((state, "Waiting"), (Json(cluster, "h-0")["state"].AsText(), Json(cluster, "f-0")["state"].AsText()));
        }
    }

    [Fact]
    public async Task An_engine_that_NCCL_fails_works_with_the_environment_that_mends_it()
    {
        await using var cluster = new VirtualCluster(Loading);
        cluster.Pods.NcclFailure("default", "p", "NCCL WARN Cuda failure 'peer access is not supported'", ("NCCL_P2P_DISABLE", "1"));
        cluster.AddEngine("p", "--role Leader");
        await cluster.AdvanceAsync(100);

        Assert.Equal("NCCL WARN Cuda failure 'peer access is not supported'", Json(cluster, "p")["nccl"]!["failure"].AsText());
        cluster.Store.Delete(BuiltInResources.Pods, "default", "p");
        await cluster.AdvanceAsync();
        cluster.AddEngine("p", "--role Leader", """[{"name":"NCCL_P2P_DISABLE","value":"1"}]""");
        Assert.Equal(100, await cluster.UntilAsync(() => cluster.IsReady("p")));
    }

    [Fact]
    public async Task An_engine_that_hangs_in_NCCL_counts_the_seconds_since_its_weights_were_loaded()
    {
        await using var cluster = new VirtualCluster(Loading);
        cluster.Pods.NcclHang("default", "p");
        cluster.AddEngine("p", "--role Leader");

        await cluster.AdvanceAsync(400);

        var nccl = Json(cluster, "p")["nccl"]!;
        Assert.Equal((true, 300L), (nccl["weightsLoaded"].AsBool(), nccl["hangSeconds"].AsLong()));
        Assert.Equal("Starting", Json(cluster, "p")["state"].AsText());
    }

    private static JsonObject Json(VirtualCluster cluster, string pod)
    {
        var entry = cluster.Plane.Engines.Find(new(
            "default", pod))!;
        return EngineStatusJson.Of(entry.Spec, entry.State, cluster.Clock.GetUtcNow());
    }

    private static JsonNode Engine(VirtualCluster cluster, string pod) => Json(cluster, pod)["engine"]!;

    private static long Restarts(VirtualCluster cluster, string pod) => Engine(cluster, pod)["restarts"].AsLong()!.Value;
}
