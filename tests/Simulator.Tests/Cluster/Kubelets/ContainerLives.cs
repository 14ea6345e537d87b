using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Storage;
using GpuStack.Simulator.Tests.Timing;

namespace GpuStack.Simulator.Tests.Cluster.Kubelets;

[Collection(nameof(QuietCollection))]
public sealed class ContainerLives
{
    private const string OneContainer = """{"containers":[{"name":"engine","image":"x:1"}]}""";

    private const string WithInits = """
        {"initContainers":[{"name":"supervisor","image":"op:1"},{"name":"fetch","image":"op:1"}],"containers":[{"name":"engine","image":"x:1"}]}
        """;

    [Fact]
    public async Task Images_are_pulled_once_a_node_and_init_containers_run_in_order()
    {
        await using var cluster = new VirtualCluster(new KubeletBehaviour
        {
            PullTime = TimeSpan.FromSeconds(60),
            InitTime = TimeSpan.FromSeconds(2),
            InitTimes = KubeletTimes("fetch", 600),
            StartTime = TimeSpan.FromSeconds(120),
        });
        cluster.AddPod("p", WithInits);

        await cluster.AdvanceAsync(30);
        Assert.Equal("Pending", cluster.Status("p")["phase"].AsText());
        Assert.Equal("PodInitializing", cluster.Waiting("p").Reason);
        Assert.Equal("False", RunningCluster.Condition(cluster.Pod("p")!, "Initialized"));
        Assert.Equal("containers with incomplete status: [supervisor fetch]", RunningCluster.Conditions(cluster.Pod("p")!, "Initialized")!["message"].AsText());
        await cluster.AdvanceAsync(33);
        Assert.Equal("Completed", cluster.Container("p", "supervisor")["state"]!["terminated"]!["reason"].AsText());
        Assert.NotNull(cluster.Container("p", "fetch")["state"]!["running"]);
        await cluster.AdvanceAsync(600);
        Assert.Equal("True", RunningCluster.Condition(cluster.Pod("p")!, "Initialized"));
        Assert.Equal("ContainerCreating", cluster.Waiting("p").Reason);
        Assert.False(cluster.IsReady("p"));

        // 60 s image, 2 s supervisor, 600 s fetch with the same image, 60 s image, 120 s load.
        Assert.Equal(842, 663 + await cluster.UntilAsync(() => cluster.IsReady("p")));
        Assert.Contains("Pulled: Container image \"op:1\" already present on machine", cluster.Events("p"));
        Assert.Contains("Pulled: Successfully pulled image \"x:1\" in 60s (60s including waiting)", cluster.Events("p"));
        cluster.AddPod("q", OneContainer);
        Assert.Equal(120, await cluster.UntilAsync(() => cluster.IsReady("q")));
    }

    [Fact]
    public async Task A_crashing_container_waits_longer_each_time_until_it_has_run_for_ten_minutes()
    {
        await using var cluster = new VirtualCluster();
        cluster.AddPod("p", OneContainer);
        await cluster.UntilAsync(() => cluster.IsReady("p"));
        List<double> waits = [];
        for (var crash = 0; crash < 8; crash++)
        {
            cluster.Pods.CrashContainer("default", "p", "engine", 3, "boom");
            await cluster.AdvanceAsync();
            Assert.False(cluster.IsReady("p"));
            Assert.Equal("Running", cluster.Status("p")["phase"].AsText());
            if (crash == 1)
            {
                Assert.Equal(("CrashLoopBackOff", $"back-off 10s restarting failed container=engine pod=p_default({cluster.Pod("p")!.Uid})"), cluster.Waiting("p"));
                Assert.Equal("boom", cluster.Container("p")["lastState"]!["terminated"]!["message"].AsText());
                Assert.Equal(3, cluster.Container("p")["lastState"]!["terminated"]!["exitCode"].AsLong());
            }
            waits.Add(await cluster.UntilAsync(() => cluster.IsReady("p")));
        }

        Assert.Equal([1, 10, 20, 40, 80, 160, 300, 300], waits);
        Assert.Equal(8, cluster.Container("p")["restartCount"].AsLong());
        await cluster.AdvanceAsync(601);
        cluster.Pods.CrashContainer("default", "p", "engine");
        Assert.Equal(1, await cluster.UntilAsync(() => cluster.Container("p")["restartCount"].AsLong() == 9));
    }

    [Fact]
    public async Task A_killed_container_says_so()
    {
        await using var cluster = new VirtualCluster();
        cluster.AddPod("p", OneContainer);
        await cluster.UntilAsync(() => cluster.IsReady("p"));

        cluster.Pods.OomKill("default", "p");
        await cluster.AdvanceAsync(5);

        var last = cluster.Container("p")["lastState"]!["terminated"]!;
        Assert.Equal(("OOMKilled", 137L), (last["reason"].AsText(), last["exitCode"].AsLong()));
        Assert.True(cluster.IsReady("p"));
    }

    [Fact]
    public async Task A_failing_pull_is_tried_again_in_the_kubelets_words_and_times()
    {
        await using var cluster = new VirtualCluster(new KubeletBehaviour { PullTime = TimeSpan.FromSeconds(1) });
        cluster.Pods.FailImagePull("x:1", "x:1: not found");
        cluster.AddPod("p", OneContainer);
        List<double> attempts = [];
        var last = "";
        await cluster.UntilAsync(() =>
        {
            var reason = cluster.Pod("p")!.Body["status"]?["containerStatuses"] is null ? null : cluster.Waiting("p").Reason;
            if (reason == "ErrImagePull" && last != reason)
            {
                attempts.Add(cluster.Clock.Elapsed.TotalSeconds);
                Assert.Equal("x:1: not found", cluster.Waiting("p").Message);
            }
            if (reason == "ImagePullBackOff")
                Assert.Equal("Back-off pulling image \"x:1\": ErrImagePull: x:1: not found", cluster.Waiting("p").Message);
            // As long as it has not started, and while it is being pulled again, the last failure is shown.
            Assert.True(attempts.Count == 0 || reason is "ErrImagePull" or "ImagePullBackOff", reason);
            last = reason ?? last;
            return cluster.Clock.Elapsed > TimeSpan.FromMinutes(30);
        });

        Assert.Equal([1, 12, 33, 74, 155, 316, 617], attempts.Take(7));
        Assert.Equal("Pending", cluster.Status("p")["phase"].AsText());
        Assert.Equal(0, cluster.Container("p")["restartCount"].AsLong());
        Assert.Contains("Failed: Failed to pull image \"x:1\": x:1: not found", cluster.Events("p"));
        cluster.Pods.RestoreImage("x:1");
        Assert.InRange(await cluster.UntilAsync(() => cluster.IsReady("p")), 1, 302);
    }

    [Fact]
    public async Task A_pod_that_is_not_restarted_succeeds_or_fails()
    {
        await using var cluster = new VirtualCluster();
        cluster.AddPod("good", """{"restartPolicy":"Never","containers":[{"name":"inspect","image":"x"}]}""");
        cluster.AddPod("bad", """{"restartPolicy":"OnFailure","containers":[{"name":"inspect","image":"x"}]}""");
        await cluster.UntilAsync(() => cluster.IsReady("good") && cluster.IsReady("bad"));

        cluster.Pods.CrashContainer("default", "good", "inspect", exitCode: 0, message: "facts");
        cluster.Pods.CrashContainer("default", "bad", "inspect", exitCode: 1);
        await cluster.AdvanceAsync();

        Assert.Equal("Succeeded", cluster.Status("good")["phase"].AsText());
        Assert.Equal("facts", cluster.Container("good")["state"]!["terminated"]!["message"].AsText());
        Assert.Equal("PodCompleted", RunningCluster.Conditions(cluster.Pod("good")!, "Ready")!["reason"].AsText());
        Assert.Equal("Running", cluster.Status("bad")["phase"].AsText());
        cluster.Pods.EvictForPressure("default", "bad");
        await cluster.AdvanceAsync();
        Assert.Equal(("Failed", "Evicted"), (cluster.Status("bad")["phase"].AsText(), cluster.Status("bad")["reason"].AsText()));
    }

    private static System.Collections.Immutable.ImmutableDictionary<string, TimeSpan> KubeletTimes(string name, int seconds) =>
        System.Collections.Immutable.ImmutableDictionary<string, TimeSpan>.Empty.Add(name, TimeSpan.FromSeconds(seconds));
}
