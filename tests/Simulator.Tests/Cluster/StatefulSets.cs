using System.Text.Json.Nodes;
using GpuStack.Simulator.Cluster.Kubelets;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Tests.Cluster;

public sealed class StatefulSets
{
    [Fact]
    public async Task Pods_have_the_names_and_labels_that_Kubernetes_gives()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddSet("ss", 2, """{"podManagementPolicy":"Parallel"}""");

        var pod = await cluster.ReadyPodAsync("ss-1");

        Assert.Equal("1", pod.Labels["apps.kubernetes.io/pod-index"]);
        Assert.Equal("ss-1", pod.Labels["statefulset.kubernetes.io/pod-name"]);
        Assert.StartsWith("ss-", pod.Labels["controller-revision-hash"], StringComparison.Ordinal);
        Assert.Equal("ss-1", pod.Body["spec"]!["hostname"]!.GetValue<string>());
        Assert.Equal("ss", pod.Body["spec"]!["subdomain"]!.GetValue<string>());
        Assert.Equal("1", pod.Body["spec"]!["containers"]![0]!["resources"]!["requests"]!["cpu"]!.GetValue<string>());
        var set = await cluster.ObjectAsync(BuiltInResources.StatefulSets, "default", "ss", s => Long(s, "readyReplicas") == 2);
        Assert.Equal(1, Long(set, "observedGeneration"));
        Assert.Equal(2, Long(set, "updatedReplicas"));
        Assert.Equal(pod.Labels["controller-revision-hash"], set.Body["status"]!["updateRevision"]!.GetValue<string>());
        Assert.NotNull(cluster.Store.Get(BuiltInResources.ControllerRevisions, "default", pod.Labels["controller-revision-hash"]));
    }

    [Fact]
    public async Task Ordered_pods_wait_for_each_other()
    {
        await using var cluster = new RunningCluster(new KubeletBehaviour { StartTime = TimeSpan.FromSeconds(10) });
        cluster.AddNode("a");
        cluster.AddSet("ss", 2);
        await cluster.PodAsync("ss-0", p => p.Body["status"]?["phase"]?.GetValue<string>() == "Running");
        Assert.Null(cluster.Store.Get(BuiltInResources.Pods, "default", "ss-1"));

        var first = await cluster.AdvanceUntilAsync(cluster.ReadyPodAsync("ss-0"), TimeSpan.FromSeconds(1));
        var second = await cluster.AdvanceUntilAsync(cluster.ReadyPodAsync("ss-1"), TimeSpan.FromSeconds(1));

        Assert.True(second.ResourceVersion > first.ResourceVersion);
    }

    [Fact]
    public async Task A_deleted_pod_comes_back_as_another_and_scaling_down_removes_the_last()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddSet("ss", 2, """{"podManagementPolicy":"Parallel"}""");
        var before = await cluster.ReadyPodAsync("ss-0");
        await cluster.ReadyPodAsync("ss-1");
        cluster.Store.Delete(BuiltInResources.Pods, "default", "ss-0");
        await cluster.PodAsync("ss-0", p => p.Uid != before.Uid && RunningCluster.Condition(p, "Ready") == "True");

        cluster.Store.Modify(BuiltInResources.StatefulSets, "default", "ss", s => s["spec"]!["replicas"] = 1);

        await cluster.GoneAsync(BuiltInResources.Pods, "default", "ss-1");
        await cluster.ObjectAsync(BuiltInResources.StatefulSets, "default", "ss", s => Long(s, "replicas") == 1 && Long(s, "observedGeneration") == 2);
    }

    [Theory]
    [InlineData("OnDelete", false)]
    [InlineData("RollingUpdate", true)]
    public async Task A_changed_template_replaces_pods_only_when_rolling(string strategy, bool replaces)
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddSet("ss", 1, """{"updateStrategy":{"type":"STRATEGY"}}""".Replace("STRATEGY", strategy, StringComparison.Ordinal));
        var before = await cluster.ReadyPodAsync("ss-0");
        cluster.Store.Modify(BuiltInResources.StatefulSets, "default", "ss", s =>
            s["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "x:2");
        await cluster.ObjectAsync(BuiltInResources.StatefulSets, "default", "ss", s => Long(s, "observedGeneration") == 2
            && (replaces ? Long(s, "readyReplicas") == 1 && Long(s, "updatedReplicas") == 1 : s.Body["status"]!["updatedReplicas"] is null));
        if (!replaces)
        {
            Assert.Equal(before.Uid, cluster.Store.Get(BuiltInResources.Pods, "default", "ss-0")!.Uid);
            cluster.Store.Delete(BuiltInResources.Pods, "default", "ss-0");
        }

        var after = await cluster.PodAsync("ss-0", p => p.Uid != before.Uid && RunningCluster.Condition(p, "Ready") == "True");

        Assert.Equal("x:2", after.Body["spec"]!["containers"]![0]!["image"]!.GetValue<string>());
    }

    [Fact]
    public async Task Claims_are_made_from_templates_and_mounted()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddSet("ss", 1, """{"volumeClaimTemplates":[{"metadata":{"name":"cache"},"spec":{"accessModes":["ReadWriteOnce"]}}]}""");

        var pod = await cluster.ReadyPodAsync("ss-0");

        Assert.Equal("cache-ss-0", pod.Body["spec"]!["volumes"]![0]!["persistentVolumeClaim"]!["claimName"]!.GetValue<string>());
        Assert.NotNull(cluster.Store.Get(BuiltInResources.PersistentVolumeClaims, "default", "cache-ss-0"));
    }

    [Fact]
    public async Task A_crashed_container_is_started_again_and_counted()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddSet("ss", 1);
        var before = await cluster.ReadyPodAsync("ss-0");

        cluster.Plane.FailPod("default", "ss-0");
        await cluster.PodAsync("ss-0", p => RunningCluster.Condition(p, "Ready") == "False");
        var after = await cluster.AdvanceUntilAsync(cluster.ReadyPodAsync("ss-0"), TimeSpan.FromSeconds(1));

        Assert.Equal(before.Uid, after.Uid);
        Assert.Equal(1, (after.Body["status"]!["containerStatuses"]![0]!["restartCount"] as JsonValue)!.AsLong());
    }

    [Fact]
    public async Task A_failed_pod_is_replaced()
    {
        await using var cluster = new RunningCluster();
        cluster.AddNode("a");
        cluster.AddSet("ss", 1);
        var before = await cluster.ReadyPodAsync("ss-0");

        cluster.Plane.FailPod("default", "ss-0", forGood: true);

        await cluster.PodAsync("ss-0", p => p.Uid != before.Uid && RunningCluster.Condition(p, "Ready") == "True");
    }

    private static long? Long(StoredObject stored, string field) => stored.Body["status"]?[field].AsLong();
}
